#include "server/engine/phrases/languages.h"

namespace bantam {
namespace {

constexpr absl::string_view GermanText(Phrase phrase) {
  switch (phrase) {
    // Trace lines.
    case Phrase::kTraceMatched:
      return "$0: erfüllt";
    case Phrase::kTraceMissed:
      return "$0: nicht erfüllt";
    case Phrase::kTraceUnknown:
      return "$0: $1 ($2)";
    case Phrase::kTraceBand:
      return "$0: im Bereich mit $1 Punkten";
    case Phrase::kTraceNoEvents:
      return "kein Ereignis zählt";
    case Phrase::kTraceTooFew:
      return "$0 von mindestens $1 Ereignissen";
    case Phrase::kTraceEvents:
      return "$0 Ereignisse zählen";
    case Phrase::kTraceOneEvent:
      return "1 Ereignis zählt";
    case Phrase::kTraceRuleCap:
      return "durch die Obergrenze der Regel auf $0 begrenzt";
    case Phrase::kTraceGroupCap:
      return "durch die Obergrenze der Gruppe auf $0 begrenzt";
    case Phrase::kTracePartCap:
      return "auf $0 begrenzt, mehr kann dieser Teil nicht bringen";
    case Phrase::kTracePartFloor:
      return "nicht unter 0";

    // BANT.
    case Phrase::kBudgetMet:
      return "ausreichend und freigegeben";
    case Phrase::kBudgetPartial:
      return "ausreichend, Freigabe offen oder nicht bekannt";
    case Phrase::kBudgetUnmet:
      return "zu wenig Geld oder keines";
    case Phrase::kBudgetUnknown:
      return "es ist kein Betrag bekannt";
    case Phrase::kBudgetNoRate:
      return "für die Währung des Betrags enthält das ICP keinen Wechselkurs";
    case Phrase::kAuthorityMet:
      return "jemand mit Entscheidungs- oder Budgetverantwortung ist bekannt";
    case Phrase::kAuthorityPartial:
      return "bekannt: $0, jedoch niemand mit Entscheidungsverantwortung";
    case Phrase::kAuthorityImplied:
      return "Position oder Führungsebene lässt auf eine Rolle schließen: $0";
    case Phrase::kAuthorityUnmet:
      return "es sind nur Anwender bekannt";
    case Phrase::kAuthorityUnknown:
      return "von niemandem ist die Rolle bekannt";
    case Phrase::kNeedMet:
      return "der genannte Bedarf ist einer, den wir lösen";
    case Phrase::kNeedPartial:
      return "ein Bedarf ist genannt, steht aber nicht auf unserer Liste";
    case Phrase::kNeedGeneral:
      return "ein Bedarf ist allgemein genannt";
    case Phrase::kNeedImplied:
      return "Ereignisse lassen auf einen Bedarf schließen";
    case Phrase::kNeedUnmet:
      return "es besteht ausdrücklich kein Bedarf";
    case Phrase::kNeedUnknown:
      return "es ist kein Bedarf bekannt";
    case Phrase::kTimelineMet:
      return "Kauf innerhalb von $0 Tagen geplant";
    case Phrase::kTimelinePartial:
      return "Kauf innerhalb von $0 Tagen geplant, später als in $1";
    case Phrase::kTimelineUnmet:
      return "Kauf später als in $0 Tagen geplant";
    case Phrase::kTimelinePast:
      return "der geplante Kauf liegt in der Vergangenheit";
    case Phrase::kTimelineUnknown:
      return "es ist kein Kaufzeitpunkt bekannt";
    case Phrase::kEvidenceStale:
      return "die neueste Angabe ist älter als $0";
    case Phrase::kConflict:
      return "Angaben vom selben Zeitpunkt widersprechen sich; die niedrigere zählt";

    // Reasons for a verdict.
    case Phrase::kReasonObjection:
      return "die Person hat der Werbung widersprochen";
    case Phrase::kReasonKnockout:
      return "erforderlich, aber nicht erfüllt: $0";
    case Phrase::kReasonFitBelowFloor:
      return "die Passung kann höchstens $0 Punkte erreichen; die Untergrenze ist $1";
    case Phrase::kReasonClosedLost:
      return "das Geschäft ist verloren";
    case Phrase::kReasonRejected:
      return "der Vertrieb hat den Lead endgültig abgelehnt";
    case Phrase::kReasonBudgetUnmet:
      return "derzeit ist zu wenig Geld vorhanden oder keines";
    case Phrase::kReasonNeedUnmet:
      return "derzeit besteht ausdrücklich kein Bedarf";
    case Phrase::kReasonTimelineUnmet:
      return "der Kauf ist zu spät geplant";
    case Phrase::kReasonQuiet:
      return "länger als $0 war nichts zu hören";
    case Phrase::kReasonStated:
      return "$0: $1";

    // Lengths of time.
    case Phrase::kSpanDays:
      return "$0 Tage";
    case Phrase::kSpanHours:
      return "$0 Stunden";
    case Phrase::kSpanMinutes:
      return "$0 Minuten";
    case Phrase::kSpanSeconds:
      return "$0 Sekunden";

    // What gaps require, and what is known.
    case Phrase::kRequiredCriterion:
      return "muss erfüllt sein: $0";
    case Phrase::kWantedCriterion:
      return "+$0, wenn es zutrifft: $1";
    case Phrase::kWantedOneOf:
      return "eines von: $0";
    case Phrase::kWantedNoneOf:
      return "keines von: $0";
    case Phrase::kWantedAllOf:
      return "alle: $0";
    case Phrase::kRequiredBudget:
      return "mindestens $0, freigegeben";
    case Phrase::kRequiredBudgetAny:
      return "ein Budget, freigegeben";
    case Phrase::kRequiredAuthority:
      return "jemand mit Entscheidungs- oder Budgetverantwortung";
    case Phrase::kRequiredNeed:
      return "ein Bedarf, den wir lösen";
    case Phrase::kRequiredTimeline:
      return "ein Kauf innerhalb von $0 Tagen";
    case Phrase::kKnownNothing:
      return "nicht bekannt";
    case Phrase::kKnownRange:
      return "nur als Spanne bekannt, die es nicht entscheidet";
    case Phrase::kKnownNoRate:
      return "ein Betrag ohne Währung oder in einer Währung, für die das ICP keinen Wechselkurs "
             "enthält";
    case Phrase::kKnownWrongType:
      return "ein Wert, der nicht von dem Typ ist, den das ICP prüft";
    case Phrase::kKnownPart:
      return "teilweise bekannt";

    // Conditions of gates.
    case Phrase::kGateScore:
      return "$0 hat $1 der nötigen $2 Punkte";
    case Phrase::kGateScoreOpen:
      return "$0 hat $1, könnte $2 erreichen, braucht $3";
    case Phrase::kGateBant:
      return "$0: $1; nötig ist mindestens: $2";
    case Phrase::kGateAnyOf:
      return "eine dieser Bedingungen muss gelten";
    case Phrase::kGateNotDisqualifiedMet:
      return "nichts disqualifiziert den Lead";
    case Phrase::kGateNotDisqualifiedNotMet:
      return "der Lead ist disqualifiziert";
    case Phrase::kGateNotDisqualifiedUnknown:
      return "ob der Lead disqualifiziert ist, ist nicht bekannt";
    case Phrase::kGateInterestMet:
      return "der Lead hat Interesse gezeigt";
    case Phrase::kGateInterestNotMet:
      return "der Lead hat in letzter Zeit kein Interesse gezeigt";
    case Phrase::kGateInterestUnknown:
      return "ob der Lead interessiert ist, ist nicht bekannt";
    case Phrase::kGateInterestAfterEntryMet:
      return "der Lead hat seit dem Eintritt in die Stufe Interesse gezeigt";
    case Phrase::kGateInterestAfterEntryNotMet:
      return "kein Interesse seit dem Eintritt in die Stufe";
    case Phrase::kGateInterestAfterEntryUnknown:
      return "ob seit dem Eintritt in die Stufe Interesse besteht, ist nicht bekannt";
    case Phrase::kGateConversationMet:
      return "ein beidseitiges Gespräch hat stattgefunden";
    case Phrase::kGateConversationNotMet:
      return "in letzter Zeit fand kein beidseitiges Gespräch statt";
    case Phrase::kGateConversationUnknown:
      return "ob ein Gespräch stattgefunden hat, ist nicht bekannt";
    case Phrase::kGateRequiredCriteriaKnownMet:
      return "jedes erforderliche Kriterium ist erfüllt";
    case Phrase::kGateRequiredCriteriaKnownNotMet:
      return "ein erforderliches Kriterium ist nicht erfüllt";
    case Phrase::kGateRequiredCriteriaKnownUnknown:
      return "ein erforderliches Kriterium ist nicht bekannt";
    case Phrase::kGateVerdictQualifiedMet:
      return "der Lead ist qualifiziert";
    case Phrase::kGateVerdictQualifiedNotMet:
      return "der Lead ist nicht qualifiziert";
    case Phrase::kGateVerdictQualifiedUnknown:
      return "bis zur Qualifizierung des Leads bleiben Lücken";
    case Phrase::kGateAcceptedBySalesMet:
      return "der Vertrieb hat den Lead angenommen";
    case Phrase::kGateAcceptedBySalesNotMet:
      return "der Vertrieb hat den Lead abgelehnt";
    case Phrase::kGateAcceptedBySalesUnknown:
      return "der Vertrieb hat noch nicht entschieden";
    case Phrase::kGateNotRejectedBySalesMet:
      return "der Vertrieb hat den Lead nicht abgelehnt";
    case Phrase::kGateNotRejectedBySalesNotMet:
      return "der Vertrieb hat den Lead abgelehnt";
    case Phrase::kGateNotRejectedBySalesUnknown:
      return "ob der Vertrieb den Lead abgelehnt hat, ist nicht bekannt";
    case Phrase::kGateClosedWonMet:
      return "das Geschäft ist gewonnen";
    case Phrase::kGateClosedWonNotMet:
      return "das Geschäft ist nicht gewonnen";
    case Phrase::kGateClosedWonUnknown:
      return "ob das Geschäft gewonnen ist, ist nicht bekannt";

    // Names of parts, dimensions, states, roles, stages and channels.
    case Phrase::kPartFit:
      return "Passung";
    case Phrase::kPartEngagement:
      return "Engagement";
    case Phrase::kPartBant:
      return "BANT";
    case Phrase::kPartTotal:
      return "Gesamtwertung";
    case Phrase::kDimensionBudget:
      return "Budget";
    case Phrase::kDimensionAuthority:
      return "Entscheidungsbefugnis";
    case Phrase::kDimensionNeed:
      return "Bedarf";
    case Phrase::kDimensionTimeline:
      return "Kaufzeitpunkt";
    case Phrase::kStateUnmet:
      return "nicht erfüllt";
    case Phrase::kStateStale:
      return "veraltet";
    case Phrase::kStateUnknown:
      return "unbekannt";
    case Phrase::kStatePartial:
      return "teilweise erfüllt";
    case Phrase::kStateMet:
      return "erfüllt";
    case Phrase::kRoleDecisionMaker:
      return "Entscheidungsträger";
    case Phrase::kRoleEconomicBuyer:
      return "Budgetverantwortlicher";
    case Phrase::kRoleInfluencer:
      return "Einflussnehmer";
    case Phrase::kRoleChampion:
      return "Fürsprecher";
    case Phrase::kRoleEvaluator:
      return "Prüfer";
    case Phrase::kRoleUser:
      return "Anwender";
    case Phrase::kStageLead:
      return "Lead";
    case Phrase::kStageMql:
      return "Marketing-qualifizierter Lead";
    case Phrase::kStageSql:
      return "Vertriebsqualifizierter Lead";
    case Phrase::kStageOpportunity:
      return "Verkaufschance";
    case Phrase::kStageCustomer:
      return "Kunde";
    case Phrase::kStageNurture:
      return "Kontaktpflege";
    case Phrase::kStageDisqualified:
      return "Disqualifiziert";
    case Phrase::kChannelEmail:
      return "E-Mail";
    case Phrase::kChannelPhone:
      return "Telefon";
    case Phrase::kChannelSms:
      return "SMS";
    case Phrase::kChannelPost:
      return "Post";

    // Names of attributes.
    case Phrase::kAttributeCompanyName:
      return "Firmenname";
    case Phrase::kAttributeCompanyIndustry:
      return "Branche";
    case Phrase::kAttributeCompanyEmployeeCount:
      return "Anzahl der Mitarbeitenden";
    case Phrase::kAttributeCompanyAnnualRevenue:
      return "Jahresumsatz";
    case Phrase::kAttributeCompanyCountry:
      return "Land des Unternehmens";
    case Phrase::kAttributeCompanyRegion:
      return "Region des Unternehmens";
    case Phrase::kAttributeCompanyCity:
      return "Ort des Unternehmens";
    case Phrase::kAttributeCompanyTechnologies:
      return "eingesetzte Technologien";
    case Phrase::kAttributeCompanyDomain:
      return "Internetdomain des Unternehmens";
    case Phrase::kAttributeCompanyFoundedYear:
      return "Gründungsjahr";
    case Phrase::kAttributeCompanyOwnership:
      return "Eigentumsform";
    case Phrase::kAttributeCompanyRevenueRank:
      return "Rang nach Umsatz";
    case Phrase::kAttributeContactTitle:
      return "Position";
    case Phrase::kAttributeContactSeniority:
      return "Führungsebene";
    case Phrase::kAttributeContactDepartment:
      return "Abteilung";
    case Phrase::kAttributeContactCountry:
      return "Land der Kontaktperson";
    case Phrase::kAttributeContactLanguage:
      return "Sprache der Kontaktperson";
    case Phrase::kAttributeContactTimeZone:
      return "Zeitzone der Kontaktperson";
    case Phrase::kAttributeContactEmailDomain:
      return "E-Mail-Domain";
    case Phrase::kAttributeContactFreeEmailDomain:
      return "Nutzung eines Freemail-Anbieters";
    case Phrase::kAttributeSourceChannel:
      return "Herkunft des ersten Kontakts";
    case Phrase::kAttributeSourceMedium:
      return "Medium des ersten Kontakts";
    case Phrase::kAttributeSourceReferrer:
      return "Empfehlungsgeber";
    case Phrase::kAttributeSourceFirstContactTime:
      return "Zeitpunkt des ersten Kontakts";
    case Phrase::kAttributeSourceCampaign:
      return "Kampagne";

    // Questions that close gaps.
    case Phrase::kQuestionBudget:
      return "Welches Budget haben Sie dafür vorgesehen, und ist es bereits freigegeben?";
    case Phrase::kQuestionAuthority:
      return "Wer ist außer Ihnen an der Entscheidung beteiligt, und wer entscheidet am Ende?";
    case Phrase::kQuestionNeed:
      return "Welches Problem möchten Sie lösen, und was geschieht, wenn es ungelöst bleibt?";
    case Phrase::kQuestionTimeline:
      return "Bis wann möchten Sie eine Lösung im Einsatz haben?";
    case Phrase::kQuestionAttribute:
      return "Was können Sie uns dazu sagen: $0?";

    // Titles of actions.
    case Phrase::kTitleReply:
      return "Anfrage beantworten";
    case Phrase::kTitleDiscoveryCall:
      return "Bedarfsgespräch führen";
    case Phrase::kTitleFindDecisionMaker:
      return "Entscheidungsträger ermitteln";
    case Phrase::kTitleRoiCalculator:
      return "ROI-Rechner anbieten";
    case Phrase::kTitleAttributeForm:
      return "Kurzes Formular für fehlende Angaben senden";
    case Phrase::kTitleNurtureContent:
      return "Inhalte zur Kontaktpflege senden";
    case Phrase::kTitleNurtureBlog:
      return "Blogartikel senden";
    case Phrase::kTitleNurtureEbook:
      return "E-Book anbieten";
    case Phrase::kTitleNurturePodcast:
      return "Podcast-Folge empfehlen";
    case Phrase::kTitleNurtureVideo:
      return "Kurzes Video senden";
    case Phrase::kTitleNurtureInfographic:
      return "Infografik senden";
    case Phrase::kTitleNurtureWebinar:
      return "Zu einem Webinar einladen";
    case Phrase::kTitleNurtureNewsletter:
      return "Newsletter anbieten";
    case Phrase::kTitleSalesPresentation:
      return "Verkaufspräsentation halten";
    case Phrase::kTitleAskForConsent:
      return "Einwilligung einholen";
    case Phrase::kTitleBookMeeting:
      return "Termin vereinbaren";
    case Phrase::kTitleHandOver:
      return "An den Vertrieb übergeben";

    // Scripts of actions.
    case Phrase::kScriptReply:
      return "Vielen Dank für Ihre Anfrage. Darf ich Ihnen ein paar kurze Fragen stellen, damit "
             "ich Ihnen gleich weiterhelfen kann?";
    case Phrase::kScriptDiscoveryCall:
      return "Ich möchte gern verstehen, was Sie suchen und ob wir Ihnen helfen können. Darf ich "
             "Ihnen ein paar Fragen stellen?";
    case Phrase::kScriptFindDecisionMaker:
      return "Ermitteln Sie, wer über diesen Kauf entscheidet: Fragen Sie die Kontaktperson oder "
             "nutzen Sie öffentliche Angaben des Unternehmens.";
    case Phrase::kScriptLookUpDecisionMaker:
      return "Ermitteln Sie, wer über diesen Kauf entscheidet: Nutzen Sie öffentliche Angaben des "
             "Unternehmens.";
    case Phrase::kScriptRoiCalculator:
      return "Mit unserem Rechner sehen Sie in wenigen Minuten, was Ihnen eine Lösung einsparen "
             "würde.";
    case Phrase::kScriptAttributeForm:
      return "Damit wir Ihnen nur Passendes senden: Würden Sie uns ein paar kurze Fragen "
             "beantworten?";
    case Phrase::kScriptNurtureContent:
      return "Wir haben hier etwas, das Ihnen bei Ihrem Thema weiterhelfen kann.";
    case Phrase::kScriptSalesPresentation:
      return "Zeigen Sie, wie wir den genannten Bedarf decken, was es kostet und was es bringt, "
             "und vereinbaren Sie den nächsten Schritt.";
    case Phrase::kScriptAskForConsent:
      return "Dürfen wir Sie per $0 mit passenden Informationen kontaktieren? Sie können Ihre "
             "Einwilligung jederzeit widerrufen.";
    case Phrase::kScriptBookMeeting:
      return "Wann passt Ihnen ein Termin von 30 Minuten?";
    case Phrase::kScriptHandOver:
      return "Übergeben Sie die bisherigen Antworten, die offenen Fragen und den nächsten Schritt.";

    // Reasons for actions.
    case Phrase::kActionBudget:
      return "+$0, wenn das Budget bestätigt ist";
    case Phrase::kActionAuthority:
      return "+$0, wenn ein Entscheidungsträger bekannt ist";
    case Phrase::kActionNeed:
      return "+$0, wenn der Bedarf bestätigt ist";
    case Phrase::kActionTimeline:
      return "+$0, wenn der Kaufzeitpunkt bestätigt ist";
    case Phrase::kActionCriterion:
      return "+$0, wenn dies bekannt ist und passt: $1";
    case Phrase::kActionSeveral:
      return "+$0, wenn dies bestätigt ist: $1";
    case Phrase::kActionCloses:
      return "klärt: $0";
    case Phrase::kActionUnlocks:
      return "öffnet den Weg zu: $0; $1";
    case Phrase::kActionHandRaise:
      return "eine Anfrage wartet auf Antwort";
    case Phrase::kActionNurture:
      return "hält den Kontakt, bis Interesse besteht";
    case Phrase::kActionConsent:
      return "noch keine Erlaubnis für: $0";
    case Phrase::kActionConsentInbound:
      return "noch keine Erlaubnis für: $0; beim nächsten eingehenden Kontakt fragen";
    case Phrase::kActionSituation:
      return "passt zur jetzigen Lage des Leads";

    // Why an action was withheld. The last two follow one of the others.
    case Phrase::kWithheldUnknown:
      return "für $0 ist keine Einwilligung bekannt";
    case Phrase::kWithheldDenied:
      return "für $0 wurde die Einwilligung verweigert";
    case Phrase::kWithheldUnsubscribed:
      return "durch eine Abmeldung entzogen: $0";
    case Phrase::kWithheldReplaced:
      return "$0; stattdessen: $1";
    case Phrase::kWithheldAsk:
      return "$0; stattdessen Einwilligung einholen";
    case Phrase::kTraceNewestEvents:
      return "die neuesten $0 von $1 Ereignissen zählen";
    case Phrase::kNoteDuplicates:
      return "ausgelassene Ereignisse mit schon genannter Kennung: $0";
    case Phrase::kNoteFutureEvents:
      return "ausgelassene Ereignisse nach dem Bewertungszeitpunkt: $0";
    case Phrase::kNoteFutureFacts:
      return "nach dem Bewertungszeitpunkt datiert, gilt als nicht bekannt: $0";
    case Phrase::kNoteBotNoise:
      return "ausgelassene Öffnungen und Klicks, die von einem Bot stammen dürften: $0";
    case Phrase::kNoteWrongType:
      return "$0: nicht von dem Typ, den das ICP prüft; gilt als nicht bekannt";
    case Phrase::kNoteNoRate:
      return "$0: ohne Währung oder in einer, für die das ICP keinen Wechselkurs enthält; gilt als "
             "nicht bekannt";
    case Phrase::kNoteUnheardOfRole:
      return "evidence[$0].authority.role: keine der Rollen; gilt als nicht bekannt";
  }
  return "";
}

}  // namespace

constexpr PhraseTable kGermanPhrases = MakePhraseTable(GermanText);

}  // namespace bantam
