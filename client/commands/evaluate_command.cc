#include "client/commands/evaluate_command.h"

#include <algorithm>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/overwritten_input.h"
#include "client/commands/question.h"
#include "client/output/answer_stream.h"
#include "client/output/progress.h"
#include "server/engine/compiled_icp.h"

namespace bantam {
namespace {

// One run of a command.
class EvaluateRun {
 public:
  explicit EvaluateRun(const EvaluateFlags& flags) : flags_(flags), leads_(flags.shard) {}

  int Run() {
    if (!Prepare()) return kExitUsage;
    const bool single = leads_.HoldsOne() && flags_.shard.IsAll();
    if (!leads_.status().ok()) return FailReading();
    // That a shard is empty says nothing about the file.
    if (leads_.Empty() && flags_.shard.IsAll()) {
      PrintNoLeads(flags_.leads);
      return kExitUsage;
    }
    if (question_.override_by.has_value() && !single) {
      PrintError("an override is about one lead; give a file with exactly one");
      return kExitUsage;
    }
    ChooseOutput(single);
    absl::Status status;
    if (!leads_.Empty()) status = Ask(single);
    if (!status.ok()) {
      PrintFailedLeads(failed_, answered_);
      return PrintFailedCall(status, flags_.qualifier.ServerName(), Instead::kEngine);
    }
    if (!leads_.status().ok()) return FailReading();
    if (flags_.kind == EvaluateFlags::Kind::kRank) WriteRanked();
    writer_->Finish();
    if (const absl::Status written = output_.Finish(); !written.ok()) {
      PrintError(written.message());
      return kExitUsage;
    }
    PrintDataAge(connection_.qualifier->data_age());
    return PrintFailedLeads(failed_, answered_) == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  // A file went bad while it was read: what was answered is not all.
  int FailReading() const {
    PrintError(leads_.status().message());
    return kExitUsage;
  }

  // Everything that can go wrong before the first call; all of it is printed.
  bool Prepare() {
    if (!FindZone(flags_.leads, &zone_)) return false;
    if (const absl::Status safe = CheckOverwritesNoInput(flags_); !safe.ok()) {
      PrintError(safe.message());
      return false;
    }
    bool good = AddLeadFiles(flags_.leads, zone_, &mapping_, &leads_);
    if (const absl::Status opened = output_.Open(flags_.to); !opened.ok()) {
      PrintError(opened.message());
      good = false;
    }
    absl::StatusOr<Connection> connection = MakeConnection(flags_.qualifier);
    if (!connection.ok()) {
      PrintError(connection.status().message());
      return false;
    }
    connection_ = *std::move(connection);
    if (!SetQuestion() || !good) return false;
    NoteWarnings();
    return true;
  }

  // What speaks against the ICPs that are asked.
  void NoteWarnings() const {
    const v1::EvaluationSettings& settings = question_.settings;
    size_t count = 0;
    for (const auto& [name, warnings] : connection_.warnings) {
      bool asked = !settings.all_icps_of().empty() &&
                   absl::StartsWith(name, absl::StrCat(settings.all_icps_of(), "/"));
      for (const v1::IcpReference& icp : settings.icps()) asked = asked || icp.name() == name;
      if (asked) count += warnings.size();
    }
    if (count == 0) return;
    std::cerr << "note: the ICPs have warnings (" << count << "); `bantam icp check` shows them\n";
  }

  // Prints what is wrong.
  bool SetQuestion() {
    absl::StatusOr<Question> question = MakeQuestion(flags_, connection_, zone_);
    if (!question.ok()) {
      PrintError(question.status().message());
      return false;
    }
    question_ = *std::move(question);
    return true;
  }

  // The output's form; what it does not show is not asked for.
  void ChooseOutput(bool single) {
    WriterOptions options;
    const bool rank = flags_.kind == EvaluateFlags::Kind::kRank;
    options.format = flags_.output_given ? flags_.output
                     : single && !rank   ? OutputFormat::kCard
                                         : OutputFormat::kTable;
    options.language_code = flags_.language;
    if (flags_.to.empty() || flags_.color == ColorChoice::kAlways) {
      options.style = StandardOutputStyle(flags_.color);
    }
    options.zone = zone_;
    options.single = single && !rank;
    options.ranked = rank;
    v1::EvaluationSettings* settings = &question_.settings;
    const bool table = options.format == OutputFormat::kTable;
    settings->set_omit_trace(table || options.format == OutputFormat::kCsv || Omits("trace"));
    settings->set_omit_actions((table && rank) || Omits("actions"));
    settings->set_omit_gaps((table && rank) || Omits("gaps"));
    format_ = options.format;
    writer_ = MakeResultWriter(options, &output_.stream());
  }

  bool Omits(absl::string_view detail) const {
    return std::find(flags_.omit.begin(), flags_.omit.end(), detail) != flags_.omit.end();
  }

  absl::Status Ask(bool single) {
    if (absl::Status pinned = PinRevision(flags_, connection_, &question_); !pinned.ok()) {
      return pinned;
    }
    absl::Status status = single ? AskOne() : AskMany();
    if (status.ok() || flags_.qualifier.IsLocal()) return status;
    return ExplainFailure(std::move(status), flags_.qualifier.server.channel);
  }

  absl::Status AskOne() {
    InputLead lead;
    leads_.Next(&lead);
    Answer answer = AnswerTo(lead);
    absl::StatusOr<v1::Evaluation> evaluation = connection_.qualifier->Ask(lead.lead, question_);
    if (evaluation.ok()) {
      *answer.result.mutable_evaluation() = *std::move(evaluation);
    } else if (ConcernsLead(evaluation.status())) {
      *answer.result.mutable_error() = ToLeadError(evaluation.status());
    } else {
      return evaluation.status();
    }
    Take(std::move(answer));
    return absl::OkStatus();
  }

  // Leads are read on one thread and answered, in the same order, on another. Those that cannot be
  // read wait for their turn and are answered here.
  absl::Status AskMany() {
    std::mutex mutex;
    std::deque<Answer> asked;
    Progress progress(ShowsProgress() ? &std::cerr : nullptr, leads_.ExpectedCount(), &absl::Now);
    // The answer that comes next; false: all were taken.
    const auto take_first = [&](Answer* answer) {
      std::lock_guard<std::mutex> lock(mutex);
      if (asked.empty()) return false;
      *answer = std::move(asked.front());
      asked.pop_front();
      return true;
    };
    Answer answer;
    const absl::Status status = connection_.qualifier->AskMany(
        question_,
        [&](v1::Lead* lead) {
          InputLead next;
          while (leads_.Next(&next)) {
            const bool is_good = next.error.empty();
            std::lock_guard<std::mutex> lock(mutex);
            asked.push_back(AnswerTo(next));
            if (!is_good) continue;
            *lead = std::move(next.lead);
            return true;
          }
          return false;
        },
        [&](int64_t, v1::LeadResult result) {
          while (take_first(&answer) && answer.result.has_error()) TakeOne(&answer, &progress);
          const int32_t index = answer.result.index();
          answer.result = std::move(result);
          answer.result.set_index(index);
          TakeOne(&answer, &progress);
        });
    while (status.ok() && take_first(&answer)) TakeOne(&answer, &progress);
    return status;
  }

  // What is known of an answer before its lead is asked about: of one that cannot be read, all.
  static Answer AnswerTo(const InputLead& lead) {
    Answer answer;
    answer.file = lead.file;
    answer.line = lead.line;
    answer.result.set_index(static_cast<int32_t>(lead.index));
    answer.result.set_lead_id(lead.lead.id());
    if (!lead.error.empty()) {
      *answer.result.mutable_error() = ToLeadError(absl::InvalidArgumentError(lead.error));
    }
    return answer;
  }

  void TakeOne(Answer* answer, Progress* progress) {
    Take(std::move(*answer));
    progress->Add(1);
  }

  // Answers that are written as they come would run into the line that is redrawn.
  bool ShowsProgress() const {
    const bool written_at_the_end =
        flags_.kind == EvaluateFlags::Kind::kRank || format_ == OutputFormat::kTable;
    return StandardErrorIsTerminal() && ShowsControls() &&
           (written_at_the_end || !flags_.to.empty() || !StandardOutputIsTerminal());
  }

  void Take(Answer answer) {
    ++answered_;
    if (answer.result.has_error()) {
      failed_.push_back(absl::StrCat(answer.file, ":", answer.line, ": ",
                                     DescribeLeadError(answer.result.error())));
    }
    if (flags_.kind == EvaluateFlags::Kind::kRank) {
      answers_.push_back(std::move(answer));
    } else {
      writer_->Write(answer);
    }
  }

  void WriteRanked() {
    std::vector<v1::LeadResult*> order;
    for (Answer& answer : answers_) order.push_back(&answer.result);
    Rank(&order);
    size_t count = order.size();
    if (flags_.top > 0) count = std::min(count, static_cast<size_t>(flags_.top));
    for (size_t i = 0; i < order.size(); ++i) {
      const Answer& answer = answers_[static_cast<size_t>(order[i]->index())];
      if (i < count) {
        writer_->Write(answer);
      } else {
        writer_->Pass(answer);
      }
    }
  }

  const EvaluateFlags& flags_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  LoadedMapping mapping_;
  LeadQueue leads_;
  Connection connection_;
  Question question_;
  OutputFormat format_ = OutputFormat::kCard;
  AnswerStream output_;
  std::unique_ptr<ResultWriter> writer_;
  std::vector<Answer> answers_;      // Of rank, each at the index of its lead.
  std::vector<std::string> failed_;  // "file:line: what was wrong".
  size_t answered_ = 0;
};

}  // namespace

int RunEvaluate(const EvaluateFlags& flags) { return EvaluateRun(flags).Run(); }

}  // namespace bantam
