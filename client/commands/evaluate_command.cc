#include "client/commands/evaluate_command.h"

#include <algorithm>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
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
    const bool single = leads_.HoldsOne() && leads_.BadRows().empty() && flags_.shard.IsAll();
    // That a shard is empty says nothing about the file.
    if (leads_.Empty() && flags_.shard.IsAll()) {
      if (PrintFailures() > 0) return kExitSomeFailed;
      PrintError(absl::StrCat(absl::StrJoin(flags_.files, ", "), ": no leads, only a header"));
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
      PrintFailures();
      return PrintFailedCall(status, flags_.qualifier.ServerName());
    }
    if (flags_.kind == EvaluateFlags::Kind::kRank) WriteRanked();
    writer_->Finish();
    if (const absl::Status written = output_.Finish(); !written.ok()) {
      PrintError(written.message());
      return kExitUsage;
    }
    PrintDataAge(connection_.qualifier->data_age());
    return PrintFailures() == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  // Everything that can go wrong before the first call; all of it is printed.
  bool Prepare() {
    if (!absl::LoadTimeZone(flags_.time_zone, &zone_)) {
      PrintError(absl::StrCat("unknown time zone '", flags_.time_zone,
                              "'; expected an IANA name such as Europe/Berlin"));
      return false;
    }
    bool good = LoadMapping();
    if (good) good = OpenFiles();
    if (const absl::Status opened = output_.Open(flags_.to); !opened.ok()) {
      PrintError(opened.message());
      good = false;
    }
    absl::StatusOr<Connection> connection = MakeConnection(flags_.qualifier);
    if (!connection.ok()) {
      PrintError(connection.status().message());
      return false;
    }
    if (!connection->warnings.empty()) {
      std::cerr << "note: the ICPs have warnings (" << connection->warnings.size()
                << "); `bantam icp check` shows them\n";
    }
    connection_ = *std::move(connection);
    return SetQuestion() && good;
  }

  bool LoadMapping() {
    if (flags_.mapping.empty()) return true;
    const absl::StatusOr<std::string> text = ReadInput(flags_.mapping);
    absl::StatusOr<LoadedMapping> mapping =
        text.ok() ? ParseMapping(*text, flags_.mapping) : text.status();
    if (!mapping.ok()) {
      PrintError(mapping.status().message());
      return false;
    }
    mapping_ = *std::move(mapping);
    return true;
  }

  bool OpenFiles() {
    InputOptions options;
    options.format = flags_.format;
    options.encoding = flags_.encoding;
    options.separator = flags_.separator;
    options.mapping = flags_.mapping.empty() ? nullptr : &mapping_;
    options.time_zone = zone_;
    if (!options.separator.empty() && options.separator.size() != 1 && options.separator != "tab" &&
        options.separator != "\\t") {
      PrintError("--separator: expected one character, or tab");
      return false;
    }
    bool good = true;
    for (const std::string& file : flags_.files) {
      absl::StatusOr<std::unique_ptr<LeadReader>> reader = OpenLeads(file, options);
      if (!reader.ok()) {
        PrintError(reader.status().message());
        good = false;
        continue;
      }
      for (const std::string& note : (*reader)->notes()) std::cerr << "note: " << note << "\n";
      leads_.Add(*std::move(reader));
    }
    return good;
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
    options.operation = question_.operation;
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
    Answer answer;
    answer.file = lead.file;
    answer.line = lead.line;
    answer.result.set_lead_id(lead.lead.id());
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

  absl::Status AskMany() {
    // Leads are read on one thread and answered, in the same order, on another.
    std::mutex mutex;
    std::deque<Answer> asked;
    Progress progress(ShowsProgress() ? &std::cerr : nullptr, leads_.ExpectedCount(), &absl::Now);
    return connection_.qualifier->AskMany(
        question_,
        [&](v1::Lead* lead) {
          InputLead next;
          if (!leads_.Next(&next)) return false;
          Answer answer;
          answer.file = next.file;
          answer.line = next.line;
          *lead = std::move(next.lead);
          std::lock_guard<std::mutex> lock(mutex);
          asked.push_back(std::move(answer));
          return true;
        },
        [&](int64_t, v1::LeadResult result) {
          Answer answer;
          {
            std::lock_guard<std::mutex> lock(mutex);
            answer = std::move(asked.front());
            asked.pop_front();
          }
          answer.result = std::move(result);
          Take(std::move(answer));
          progress.Add(1);
        });
  }

  // Answers that are written as they come would run into the line that is redrawn.
  bool ShowsProgress() const {
    const bool written_at_the_end =
        flags_.kind == EvaluateFlags::Kind::kRank || format_ == OutputFormat::kTable;
    return StandardErrorIsTerminal() &&
           (written_at_the_end || !flags_.to.empty() || !StandardOutputIsTerminal());
  }

  void Take(Answer answer) {
    ++answered_;
    if (answer.result.has_error()) {
      failed_.push_back({answer.file, answer.line, DescribeLeadError(answer.result.error())});
    }
    if (flags_.kind == EvaluateFlags::Kind::kRank) {
      answers_.push_back(std::move(answer));
    } else {
      writer_->Write(answer);
    }
  }

  void WriteRanked() {
    std::vector<v1::LeadResult*> order;
    for (size_t i = 0; i < answers_.size(); ++i) {
      answers_[i].result.set_index(static_cast<int32_t>(i));
      order.push_back(&answers_[i].result);
    }
    Rank(&order);
    size_t count = order.size();
    if (flags_.top > 0) count = std::min(count, static_cast<size_t>(flags_.top));
    for (size_t i = 0; i < count; ++i) {
      writer_->Write(answers_[static_cast<size_t>(order[i]->index())]);
    }
  }

  // Lists what failed, by file and line, and returns how many.
  size_t PrintFailures() {
    std::vector<BadRow> failed = leads_.BadRows();
    failed.insert(failed.end(), failed_.begin(), failed_.end());
    std::stable_sort(failed.begin(), failed.end(), [this](const BadRow& a, const BadRow& b) {
      return std::make_pair(FileOrder(a.file), a.line) < std::make_pair(FileOrder(b.file), b.line);
    });
    if (failed.empty()) return 0;
    std::cout << std::flush;
    for (const BadRow& row : failed) {
      std::cerr << row.file << ":" << row.line << ": " << row.message << "\n";
    }
    const size_t answered = answered_ - failed_.size();
    PrintError(absl::StrCat(failed.size(), " of ", failed.size() + answered,
                            failed.size() == 1 ? " lead failed" : " leads failed"));
    return failed.size();
  }

  size_t FileOrder(const std::string& file) const {
    return static_cast<size_t>(std::find(flags_.files.begin(), flags_.files.end(), file) -
                               flags_.files.begin());
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
  std::vector<Answer> answers_;  // Of rank.
  std::vector<BadRow> failed_;
  size_t answered_ = 0;
};

}  // namespace

int RunEvaluate(const EvaluateFlags& flags) { return EvaluateRun(flags).Run(); }

}  // namespace bantam
