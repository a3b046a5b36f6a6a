#include "client/input/lead_mapper.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/engine/attributes.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/text.h"

namespace bantam {
namespace {

// An optional source: unbound if the mapping does not give it.
BoundSource Bind(bool given, const client::Source& source, const std::string& path,
                 HeaderBinder* binder) {
  return given ? BoundSource(source, path, binder) : BoundSource();
}

BoundCondition BindWhen(bool given, const client::Condition& condition, const std::string& path,
                        HeaderBinder* binder) {
  return given ? BoundCondition(condition, absl::StrCat(path, ".when"), binder) : BoundCondition();
}

BoundSource BindRequired(bool given, const client::Source& source, const std::string& path,
                         HeaderBinder* binder) {
  if (!given) {
    binder->ReportProblem(path, absl::StrCat("'", path.substr(path.rfind('.') + 1),
                                             "' is missing; give a column or a constant"));
  }
  return Bind(given, source, path, binder);
}

// What a piece of evidence says it comes from.
std::string EvidenceSource(const std::string& given, const BoundSource& first,
                           const BoundSource& second) {
  if (!given.empty()) return given;
  return first.column_name().empty() ? second.column_name() : first.column_name();
}

// "Demo request" → "demo_request".
std::string EventType(absl::string_view text) {
  std::string type;
  for (const char c : Trim(text)) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      type += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!type.empty() && type.back() != '_') {
      type += '_';
    }
  }
  while (!type.empty() && type.back() == '_') type.pop_back();
  return type;
}

v1::Evidence* AddEvidence(const RowContext& row, const BoundSource& observed,
                          const std::string& source, v1::Lead* lead) {
  v1::Evidence* evidence = lead->add_evidence();
  if (lead->contacts_size() > 0) evidence->set_contact_id(lead->contacts(0).id());
  if (const auto time = observed.Time(row)) SetTime(*time, evidence->mutable_observed_time());
  evidence->set_source(source);
  return evidence;
}

}  // namespace

LeadMapper::LeadMapper(const client::Mapping& mapping, CellFormats formats, HeaderBinder* binder)
    : formats_(std::move(formats)) {
  id_ = Bind(mapping.has_id(), mapping.id(), "id", binder);
  contact_id_ = Bind(mapping.has_contact_id(), mapping.contact_id(), "contact_id", binder);
  BindAttributes(mapping, binder);
  BindEvents(mapping, binder);
  BindEvidence(mapping, binder);
  BindFacts(mapping, binder);
  for (int i = 0; i < mapping.ignored_columns_size(); ++i) {
    binder->Find(mapping.ignored_columns(i), absl::StrCat("ignored_columns[", i, "]"));
  }
  unused_columns_ = binder->Unused();
}

void LeadMapper::BindAttributes(const client::Mapping& mapping, HeaderBinder* binder) {
  // Maps have no order of their own; messages should not depend on chance.
  std::vector<std::string> paths;
  for (const auto& [path, column] : mapping.columns()) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    client::AttributeSource source;
    source.set_column(mapping.columns().at(path));
    attributes_.emplace_back(path, source, absl::StrCat("columns[", path, "]"), binder);
    if (mapping.attributes().contains(path)) {
      binder->ReportProblem(
          absl::StrCat("attributes[", path, "]"),
          absl::StrCat("'", path, "' is given under 'columns' as well; keep one"));
    }
  }
  paths.clear();
  for (const auto& [path, source] : mapping.attributes()) paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    attributes_.emplace_back(path, mapping.attributes().at(path),
                             absl::StrCat("attributes[", path, "]"), binder);
  }
}

void LeadMapper::BindEvents(const client::Mapping& mapping, HeaderBinder* binder) {
  for (int i = 0; i < mapping.events_size(); ++i) {
    const client::EventSource& event = mapping.events(i);
    const std::string path = absl::StrCat("events[", i, "]");
    EventBinding binding;
    binding.when = BindWhen(event.has_when(), event.when(), path, binder);
    binding.type = BindRequired(event.has_type(), event.type(), path + ".type", binder);
    binding.time = BindRequired(event.has_time(), event.time(), path + ".time", binder);
    binding.id = Bind(event.has_id(), event.id(), path + ".id", binder);
    binding.count = Bind(event.has_count(), event.count(), path + ".count", binder);
    binding.type_from_column = event.type().values().empty() && event.type().constant().empty();
    binding.direction = event.direction();
    for (const int channel : event.reply_channels()) {
      binding.reply_channels.push_back(static_cast<v1::Channel>(channel));
    }
    events_.push_back(std::move(binding));
  }
}

void LeadMapper::BindEvidence(const client::Mapping& mapping, HeaderBinder* binder) {
  for (int i = 0; i < mapping.budget_size(); ++i) {
    const client::BudgetSource& budget = mapping.budget(i);
    const std::string path = absl::StrCat("budget[", i, "]");
    BudgetBinding binding;
    binding.when = BindWhen(budget.has_when(), budget.when(), path, binder);
    binding.amount = Bind(budget.has_amount(), budget.amount(), path + ".amount", binder);
    binding.currency = Bind(budget.has_currency(), budget.currency(), path + ".currency", binder);
    binding.approval = Bind(budget.has_approval(), budget.approval(), path + ".approval", binder);
    binding.none = Bind(budget.has_none(), budget.none(), path + ".none", binder);
    binding.observed =
        Bind(budget.has_observed_time(), budget.observed_time(), path + ".observed_time", binder);
    binding.source = EvidenceSource(budget.source(), binding.amount, binding.approval);
    budget_.push_back(std::move(binding));
  }
  for (int i = 0; i < mapping.authority_size(); ++i) {
    const client::AuthoritySource& authority = mapping.authority(i);
    const std::string path = absl::StrCat("authority[", i, "]");
    AuthorityBinding binding;
    binding.when = BindWhen(authority.has_when(), authority.when(), path, binder);
    binding.role = BindRequired(authority.has_role(), authority.role(), path + ".role", binder);
    binding.observed = Bind(authority.has_observed_time(), authority.observed_time(),
                            path + ".observed_time", binder);
    binding.source = EvidenceSource(authority.source(), binding.role, binding.role);
    authority_.push_back(std::move(binding));
  }
  for (int i = 0; i < mapping.need_size(); ++i) {
    const client::NeedSource& need = mapping.need(i);
    const std::string path = absl::StrCat("need[", i, "]");
    NeedBinding binding;
    binding.when = BindWhen(need.has_when(), need.when(), path, binder);
    binding.need = Bind(need.has_need(), need.need(), path + ".need", binder);
    binding.stated = Bind(need.has_stated(), need.stated(), path + ".stated", binder);
    binding.observed =
        Bind(need.has_observed_time(), need.observed_time(), path + ".observed_time", binder);
    binding.source = EvidenceSource(need.source(), binding.need, binding.stated);
    need_.push_back(std::move(binding));
  }
  for (int i = 0; i < mapping.timeline_size(); ++i) {
    const client::TimelineSource& timeline = mapping.timeline(i);
    const std::string path = absl::StrCat("timeline[", i, "]");
    TimelineBinding binding;
    binding.when = BindWhen(timeline.has_when(), timeline.when(), path, binder);
    binding.planned =
        BindRequired(timeline.has_planned_purchase_time(), timeline.planned_purchase_time(),
                     path + ".planned_purchase_time", binder);
    binding.observed = Bind(timeline.has_observed_time(), timeline.observed_time(),
                            path + ".observed_time", binder);
    binding.source = EvidenceSource(timeline.source(), binding.planned, binding.planned);
    timeline_.push_back(std::move(binding));
  }
}

void LeadMapper::BindFacts(const client::Mapping& mapping, HeaderBinder* binder) {
  for (int i = 0; i < mapping.consents_size(); ++i) {
    const client::ConsentSource& consent = mapping.consents(i);
    const std::string path = absl::StrCat("consents[", i, "]");
    if (consent.channel() == v1::CHANNEL_UNSPECIFIED) {
      binder->ReportProblem(path + ".channel",
                            "'channel' is missing; give email, phone, sms or post");
    }
    consents_.push_back(
        {consent.channel(),
         BindRequired(consent.has_granted(), consent.granted(), path + ".granted", binder),
         Bind(consent.has_time(), consent.time(), path + ".time", binder)});
  }
  objection_ = Bind(mapping.has_marketing_objection(), mapping.marketing_objection(),
                    "marketing_objection", binder);
  if (mapping.has_sales_decision()) {
    const client::SalesDecisionSource& decision = mapping.sales_decision();
    decision_kind_ =
        BindRequired(decision.has_kind(), decision.kind(), "sales_decision.kind", binder);
    decision_time_ = Bind(decision.has_time(), decision.time(), "sales_decision.time", binder);
    decision_reason_ =
        Bind(decision.has_reason(), decision.reason(), "sales_decision.reason", binder);
    decision_final_ = Bind(decision.has_final(), decision.final(), "sales_decision.final", binder);
  }
  if (mapping.has_closed_won()) won_ = BindClosure(mapping.closed_won(), "closed_won", binder);
  if (mapping.has_closed_lost()) lost_ = BindClosure(mapping.closed_lost(), "closed_lost", binder);
  stage_ = Bind(mapping.has_stage(), mapping.stage(), "stage", binder);
  stage_entered_ = Bind(mapping.has_stage_entered_time(), mapping.stage_entered_time(),
                        "stage_entered_time", binder);
}

LeadMapper::ClosureBinding LeadMapper::BindClosure(const client::ClosureSource& closure,
                                                   const std::string& path, HeaderBinder* binder) {
  if (!closure.has_when()) {
    binder->ReportProblem(path, "'when' is missing: which rows are meant");
  }
  return {true, BindWhen(closure.has_when(), closure.when(), path, binder),
          Bind(closure.has_time(), closure.time(), path + ".time", binder),
          Bind(closure.has_reason(), closure.reason(), path + ".reason", binder)};
}

std::vector<std::string> LeadMapper::Map(const std::vector<std::string>& cells,
                                         v1::Lead* lead) const {
  lead->Clear();
  std::vector<std::string> problems;
  const RowContext row{cells, formats_, &problems};
  if (auto id = id_.Text(row)) lead->set_id(*std::move(id));
  if (auto id = contact_id_.Text(row)) lead->add_contacts()->set_id(*std::move(id));
  for (const AttributeSetter& attribute : attributes_) attribute.Set(row, lead);
  MapEvents(row, lead);
  MapEvidence(row, lead);
  MapConsents(row, lead);
  if (objection_.Boolean(row).value_or(false)) lead->mutable_marketing_objection();
  MapSalesDecision(row, lead);
  MapClosure(won_, row, &v1::Lead::mutable_closed_won, lead);
  MapClosure(lost_, row, &v1::Lead::mutable_closed_lost, lead);
  if (auto stage = stage_.Text(row)) lead->set_stage(*std::move(stage));
  if (const auto time = stage_entered_.Time(row)) {
    SetTime(*time, lead->mutable_stage_entered_time());
  }
  // A column that serves twice must not be reported twice.
  std::vector<std::string> distinct;
  for (std::string& problem : problems) {
    if (std::find(distinct.begin(), distinct.end(), problem) == distinct.end()) {
      distinct.push_back(std::move(problem));
    }
  }
  return distinct;
}

void LeadMapper::MapEvents(const RowContext& row, v1::Lead* lead) const {
  for (const EventBinding& binding : events_) {
    if (!binding.when.Holds(row)) continue;
    const std::optional<std::string> type = binding.type.Text(row);
    const std::optional<absl::Time> time = binding.time.Time(row);
    if (!type.has_value() || !time.has_value()) continue;
    double count = 1;
    if (binding.count.bound()) {
      const std::optional<DecimalRange> number = binding.count.Number(row);
      count = number.has_value() && number->exact ? number->min->ToDouble() : 0;
      if (count != std::floor(count) || count < 0 || count > 10000) {
        binding.count.Report(row, "expected a whole number in [0, 10000]");
        continue;
      }
    }
    v1::Event event;
    event.set_type(binding.type_from_column ? EventType(*type) : *type);
    SetTime(*time, event.mutable_time());
    event.set_direction(binding.direction);
    for (const v1::Channel channel : binding.reply_channels) event.add_reply_channels(channel);
    const std::optional<std::string> id = binding.id.Text(row);
    for (int i = 0; i < static_cast<int>(count); ++i) {
      // Equal ids count once: those of a counted event are told apart.
      if (id.has_value()) event.set_id(count > 1 ? absl::StrCat(*id, "-", i) : *id);
      *lead->add_events() = event;
    }
  }
}

void LeadMapper::MapEvidence(const RowContext& row, v1::Lead* lead) const {
  for (const BudgetBinding& binding : budget_) {
    if (binding.when.Holds(row)) MapBudget(binding, row, lead);
  }
  for (const AuthorityBinding& binding : authority_) {
    if (!binding.when.Holds(row)) continue;
    if (auto role = binding.role.Text(row)) {
      AddEvidence(row, binding.observed, binding.source, lead)
          ->mutable_authority()
          ->set_role(*std::move(role));
    }
  }
  for (const NeedBinding& binding : need_) {
    if (binding.when.Holds(row)) MapNeed(binding, row, lead);
  }
  for (const TimelineBinding& binding : timeline_) {
    if (!binding.when.Holds(row)) continue;
    if (const auto planned = binding.planned.Time(row)) {
      SetTime(*planned, AddEvidence(row, binding.observed, binding.source, lead)
                            ->mutable_timeline()
                            ->mutable_planned_purchase_time());
    }
  }
}

void LeadMapper::MapBudget(const BudgetBinding& binding, const RowContext& row,
                           v1::Lead* lead) const {
  v1::BudgetEvidence budget;
  if (binding.none.Boolean(row).value_or(false)) {
    budget.set_none(true);
  } else if (binding.amount.bound()) {
    std::string currency = formats_.currency;
    if (const auto named = binding.currency.Text(row)) currency = *named;
    const std::optional<MoneyCell> money = binding.amount.Money(row, currency);
    if (money.has_value() && money->min.has_value()) {
      // Of a range the lower end is what is sure to be there.
      *budget.mutable_amount() = *money->min;
    }
  }
  if (const auto approval = binding.approval.Text(row)) {
    const std::string word = NormalizeRole(*approval);
    if (word == "approved") {
      budget.set_approval(v1::BUDGET_APPROVAL_APPROVED);
    } else if (word == "pending") {
      budget.set_approval(v1::BUDGET_APPROVAL_PENDING);
    } else {
      binding.approval.Report(row,
                              "expected approved or pending; give a value map in the mapping "
                              "(values: {…})");
    }
  }
  if (!budget.none() && !budget.has_amount() && budget.approval() == 0) return;
  *AddEvidence(row, binding.observed, binding.source, lead)->mutable_budget() = std::move(budget);
}

void LeadMapper::MapNeed(const NeedBinding& binding, const RowContext& row, v1::Lead* lead) const {
  const std::optional<std::string> need = binding.need.Text(row);
  const std::optional<bool> stated = binding.stated.Boolean(row);
  // With a column for it, silence is no statement.
  if (binding.stated.bound() && !stated.has_value()) return;
  if (!binding.stated.bound() && binding.need.bound() && !need.has_value()) return;
  v1::NeedEvidence* evidence =
      AddEvidence(row, binding.observed, binding.source, lead)->mutable_need();
  if (!stated.value_or(true)) {
    evidence->set_none(true);
  } else if (need.has_value()) {
    evidence->set_need(*need);
  }
}

void LeadMapper::MapConsents(const RowContext& row, v1::Lead* lead) const {
  for (const ConsentBinding& binding : consents_) {
    const std::optional<std::string> text = binding.granted.Text(row);
    if (!text.has_value()) continue;
    const std::string word = NormalizeRole(*text);
    std::optional<bool> granted = ParseBoolean(*text, formats_);
    if (word == "granted" || word == "denied") granted = word == "granted";
    if (!granted.has_value()) {
      binding.granted.Report(row, "expected yes or no, granted or denied");
      continue;
    }
    v1::Consent* consent = lead->add_consents();
    consent->set_channel(binding.channel);
    consent->set_state(*granted ? v1::CONSENT_STATE_GRANTED : v1::CONSENT_STATE_DENIED);
    if (const auto time = binding.time.Time(row)) SetTime(*time, consent->mutable_time());
  }
}

void LeadMapper::MapSalesDecision(const RowContext& row, v1::Lead* lead) const {
  const std::optional<std::string> kind = decision_kind_.Text(row);
  if (!kind.has_value()) return;
  const std::string word = NormalizeRole(*kind);
  if (word != "accepted" && word != "rejected") {
    decision_kind_.Report(row,
                          "expected accepted or rejected; give a value map in the mapping "
                          "(values: {…})");
    return;
  }
  v1::SalesDecision* decision = lead->mutable_sales_decision();
  decision->set_kind(word == "accepted" ? v1::SALES_DECISION_KIND_ACCEPTED
                                        : v1::SALES_DECISION_KIND_REJECTED);
  if (const auto time = decision_time_.Time(row)) SetTime(*time, decision->mutable_time());
  if (auto reason = decision_reason_.Text(row)) decision->set_reason(*std::move(reason));
  if (word == "rejected") decision->set_final(decision_final_.Boolean(row).value_or(false));
}

void LeadMapper::MapClosure(const ClosureBinding& binding, const RowContext& row,
                            v1::Closure* (v1::Lead::*mutable_closure)(), v1::Lead* lead) {
  if (!binding.given || !binding.when.Holds(row)) return;
  v1::Closure* closure = (lead->*mutable_closure)();
  if (const auto time = binding.time.Time(row)) SetTime(*time, closure->mutable_time());
  if (auto reason = binding.reason.Text(row)) closure->set_reason(*std::move(reason));
}

}  // namespace bantam
