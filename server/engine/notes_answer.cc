#include "server/engine/notes_answer.h"

#include "server/engine/decimal.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

class NotesWriter {
 public:
  NotesWriter(const Profile& profile, const Assessment& assessment, const Texts& texts,
              WireWriter* out)
      : profile_(profile), a_(assessment), lead_(*assessment.lead), texts_(texts), out_(out) {}

  void Write(const EventLog& log) {
    if (log.duplicates() > 0) Add(Phrase::kNoteDuplicates, log.duplicates());
    if (!log.future().empty()) Add(Phrase::kNoteFutureEvents, log.future().size());
    WriteFutureFacts();
    if (log.bot_noise() > 0) Add(Phrase::kNoteBotNoise, log.bot_noise());
    WriteUnusable();
    WriteRoles();
  }

 private:
  template <typename Subject>
  void Add(Phrase phrase, const Subject& subject) {
    out_->WrittenTextElement(v1::Evaluation::kNotesFieldNumber,
                             [&](ByteBuffer* note) { texts_.Append(note, phrase, subject); });
  }

  // All facts but events: the first few by name, "…" for the others.
  void WriteFutureFacts() {
    constexpr int kMostNames = 5;
    int count = 0;
    ByteBuffer names;
    const auto add = [&](bool dated, const google::protobuf::Timestamp& time,
                         absl::string_view field, int index) {
      if (!dated || Instant(time) <= a_.now || ++count > kMostNames + 1) return;
      if (count > 1) names.Append(", ");
      if (count > kMostNames) return names.Append("…");
      names.Append(field);
      if (index < 0) return;
      char digits[kLongestInteger];
      names.Append('[');
      names.Append(WriteInteger(index, digits));
      names.Append(']');
    };
    int index = 0;
    for (const v1::Evidence& evidence : lead_.evidence()) {
      add(evidence.has_observed_time(), evidence.observed_time(), "evidence", index++);
    }
    index = 0;
    for (const v1::Consent& consent : lead_.consents()) {
      add(consent.has_time(), consent.time(), "consents", index++);
    }
    const auto add_stated = [&](const auto& fact, absl::string_view field) {
      add(fact.has_time(), fact.time(), field, -1);
    };
    add_stated(lead_.marketing_objection(), "marketing_objection");
    add_stated(lead_.sales_decision(), "sales_decision");
    add_stated(lead_.closed_won(), "closed_won");
    add_stated(lead_.closed_lost(), "closed_lost");
    add(lead_.has_stage_entered_time(), lead_.stage_entered_time(), "stage_entered_time", -1);
    if (count > 0) Add(Phrase::kNoteFutureFacts, names.view());
  }

  void WriteUnusable() {
    const v1::Company& company = lead_.company();
    if (lead_.custom().empty() && !company.has_annual_revenue() &&
        !company.has_annual_revenue_range()) {
      return;
    }
    UnusableAttributes unusable;
    for (const int i : profile_.criteria_to_note) {
      profile_.criteria[i].test.CollectUnusable(lead_, &unusable);
    }
    for (const absl::string_view path : unusable.wrong_types) Add(Phrase::kNoteWrongType, path);
    for (const absl::string_view path : unusable.without_rate) Add(Phrase::kNoteNoRate, path);
  }

  void WriteRoles() {
    for (int i = 0; i < lead_.evidence_size(); ++i) {
      const v1::Evidence& evidence = lead_.evidence(i);
      if (evidence.has_authority() && !Trim(evidence.authority().role()).empty() &&
          !profile_.bant.KnowsRole(evidence.authority().role())) {
        Add(Phrase::kNoteUnheardOfRole, i);
      }
    }
  }

  const Profile& profile_;
  const Assessment& a_;
  const v1::Lead& lead_;
  const Texts& texts_;
  WireWriter* const out_;
};

}  // namespace

void WriteNotes(const Profile& profile, const Assessment& assessment, const EventLog& log,
                const Texts& texts, WireWriter* out) {
  NotesWriter(profile, assessment, texts, out).Write(log);
}

}  // namespace bantam
