#include "server/engine/phrases/languages.h"

namespace bantam {
namespace {

constexpr absl::string_view RomanianText(Phrase phrase) {
  switch (phrase) {
    // Trace lines.
    case Phrase::kTraceMatched:
      return "$0: îndeplinit";
    case Phrase::kTraceMissed:
      return "$0: neîndeplinit";
    case Phrase::kTraceUnknown:
      return "$0: $1 ($2)";
    case Phrase::kTraceBand:
      return "$0: în intervalul cu punctaj $1";
    case Phrase::kTraceNoEvents:
      return "niciun eveniment luat în calcul";
    case Phrase::kTraceTooFew:
      return "evenimente: $0 din minimum $1";
    case Phrase::kTraceEvents:
      return "evenimente luate în calcul: $0";
    case Phrase::kTraceOneEvent:
      return "1 eveniment luat în calcul";
    case Phrase::kTraceRuleCap:
      return "limitat la $0 de plafonul regulii";
    case Phrase::kTraceGroupCap:
      return "limitat la $0 de plafonul grupului";
    case Phrase::kTracePartCap:
      return "limitat la $0, maximul acestei părți";
    case Phrase::kTracePartFloor:
      return "nu sub 0";

    // BANT.
    case Phrase::kBudgetMet:
      return "suficient și aprobat";
    case Phrase::kBudgetPartial:
      return "suficient, aprobarea este în așteptare sau necunoscută";
    case Phrase::kBudgetUnmet:
      return "bani insuficienți sau deloc";
    case Phrase::kBudgetUnknown:
      return "nu se cunoaște nicio sumă";
    case Phrase::kBudgetNoRate:
      return "moneda sumei nu are un curs de schimb în ICP";
    case Phrase::kAuthorityMet:
      return "se cunoaște un factor de decizie sau un decident economic";
    case Phrase::kAuthorityPartial:
      return "se cunoaște: $0, dar niciun factor de decizie";
    case Phrase::kAuthorityImplied:
      return "funcția sau nivelul ierarhic sugerează un rol: $0";
    case Phrase::kAuthorityUnmet:
      return "se cunosc doar utilizatori";
    case Phrase::kAuthorityUnknown:
      return "nu se cunoaște rolul nimănui";
    case Phrase::kNeedMet:
      return "nevoia exprimată este una pe care o rezolvăm";
    case Phrase::kNeedPartial:
      return "este exprimată o nevoie, dar nu una din lista noastră";
    case Phrase::kNeedGeneral:
      return "este exprimată o nevoie generală";
    case Phrase::kNeedImplied:
      return "evenimentele sugerează o nevoie";
    case Phrase::kNeedUnmet:
      return "nu există, în mod explicit, nicio nevoie";
    case Phrase::kNeedUnknown:
      return "nu se cunoaște nicio nevoie";
    case Phrase::kTimelineMet:
      return "achiziție planificată în termen (zile: $0)";
    case Phrase::kTimelinePartial:
      return "achiziție planificată în termenul extins (zile: $0), după termenul de bază (zile: "
             "$1)";
    case Phrase::kTimelineUnmet:
      return "achiziție planificată după termen (zile: $0)";
    case Phrase::kTimelinePast:
      return "achiziția planificată este în trecut";
    case Phrase::kTimelineUnknown:
      return "nu se cunoaște momentul achiziției";
    case Phrase::kEvidenceStale:
      return "cea mai nouă dovadă este prea veche (limita în $0)";
    case Phrase::kConflict:
      return "dovezi din același moment se contrazic; contează cea mai slabă";

    // Reasons for a verdict.
    case Phrase::kReasonObjection:
      return "persoana s-a opus marketingului";
    case Phrase::kReasonKnockout:
      return "obligatoriu, dar neîndeplinit: $0";
    case Phrase::kReasonFitBelowFloor:
      return "potrivirea poate ajunge la cel mult $0 (în puncte); pragul minim este $1";
    case Phrase::kReasonClosedLost:
      return "afacerea este pierdută";
    case Phrase::kReasonRejected:
      return "vânzările au respins definitiv leadul";
    case Phrase::kReasonBudgetUnmet:
      return "deocamdată banii sunt insuficienți sau lipsesc";
    case Phrase::kReasonNeedUnmet:
      return "deocamdată nu există, în mod explicit, nicio nevoie";
    case Phrase::kReasonTimelineUnmet:
      return "achiziția este planificată prea târziu";
    case Phrase::kReasonQuiet:
      return "nu s-a primit niciun semn de peste limita admisă ($0)";
    case Phrase::kReasonStated:
      return "$0: $1";

    // Lengths of time.
    case Phrase::kSpanDays:
      return "zile: $0";
    case Phrase::kSpanHours:
      return "ore: $0";
    case Phrase::kSpanMinutes:
      return "minute: $0";
    case Phrase::kSpanSeconds:
      return "secunde: $0";

    // What gaps require, and what is known.
    case Phrase::kRequiredCriterion:
      return "trebuie îndeplinit: $0";
    case Phrase::kWantedCriterion:
      return "+$0 dacă este îndeplinit: $1";
    case Phrase::kWantedOneOf:
      return "una dintre: $0";
    case Phrase::kWantedNoneOf:
      return "niciuna dintre: $0";
    case Phrase::kWantedAllOf:
      return "toate: $0";
    case Phrase::kRequiredBudget:
      return "cel puțin $0, aprobat";
    case Phrase::kRequiredBudgetAny:
      return "un buget, aprobat";
    case Phrase::kRequiredAuthority:
      return "un factor de decizie sau un decident economic";
    case Phrase::kRequiredNeed:
      return "o nevoie pe care o rezolvăm";
    case Phrase::kRequiredTimeline:
      return "o achiziție în termen (zile: $0)";
    case Phrase::kKnownNothing:
      return "necunoscut";
    case Phrase::kKnownRange:
      return "cunoscut doar ca interval, care nu decide";
    case Phrase::kKnownNoRate:
      return "o sumă fără monedă sau într-o monedă fără curs de schimb în ICP";
    case Phrase::kKnownWrongType:
      return "o valoare care nu are tipul verificat de ICP";
    case Phrase::kKnownPart:
      return "cunoscut parțial";

    // Conditions of gates.
    case Phrase::kGateScore:
      return "$0: $1 din punctajul necesar de $2";
    case Phrase::kGateScoreOpen:
      return "$0: $1, ar putea ajunge la $2, necesar $3";
    case Phrase::kGateBant:
      return "$0: $1; este necesar cel puțin $2";
    case Phrase::kGateAnyOf:
      return "trebuie îndeplinită una dintre acestea";
    case Phrase::kGateNotDisqualifiedMet:
      return "nimic nu descalifică leadul";
    case Phrase::kGateNotDisqualifiedNotMet:
      return "leadul este descalificat";
    case Phrase::kGateNotDisqualifiedUnknown:
      return "nu se știe dacă leadul este descalificat";
    case Phrase::kGateInterestMet:
      return "leadul a arătat interes";
    case Phrase::kGateInterestNotMet:
      return "leadul nu a arătat interes în ultima vreme";
    case Phrase::kGateInterestUnknown:
      return "nu se știe dacă leadul este interesat";
    case Phrase::kGateInterestAfterEntryMet:
      return "leadul a arătat interes de la intrarea în etapă";
    case Phrase::kGateInterestAfterEntryNotMet:
      return "niciun interes de la intrarea în etapă";
    case Phrase::kGateInterestAfterEntryUnknown:
      return "nu se știe dacă există interes de la intrarea în etapă";
    case Phrase::kGateConversationMet:
      return "a avut loc o conversație în ambele sensuri";
    case Phrase::kGateConversationNotMet:
      return "nu a avut loc recent nicio conversație în ambele sensuri";
    case Phrase::kGateConversationUnknown:
      return "nu se știe dacă a avut loc o conversație";
    case Phrase::kGateRequiredCriteriaKnownMet:
      return "toate criteriile obligatorii sunt îndeplinite";
    case Phrase::kGateRequiredCriteriaKnownNotMet:
      return "un criteriu obligatoriu nu este îndeplinit";
    case Phrase::kGateRequiredCriteriaKnownUnknown:
      return "un criteriu obligatoriu este necunoscut";
    case Phrase::kGateVerdictQualifiedMet:
      return "leadul este calificat";
    case Phrase::kGateVerdictQualifiedNotMet:
      return "leadul nu este calificat";
    case Phrase::kGateVerdictQualifiedUnknown:
      return "rămân lacune până la calificarea leadului";
    case Phrase::kGateAcceptedBySalesMet:
      return "vânzările au acceptat leadul";
    case Phrase::kGateAcceptedBySalesNotMet:
      return "vânzările au respins leadul";
    case Phrase::kGateAcceptedBySalesUnknown:
      return "vânzările nu au decis încă";
    case Phrase::kGateNotRejectedBySalesMet:
      return "vânzările nu au respins leadul";
    case Phrase::kGateNotRejectedBySalesNotMet:
      return "vânzările au respins leadul";
    case Phrase::kGateNotRejectedBySalesUnknown:
      return "nu se știe dacă vânzările au respins leadul";
    case Phrase::kGateClosedWonMet:
      return "afacerea este câștigată";
    case Phrase::kGateClosedWonNotMet:
      return "afacerea nu este câștigată";
    case Phrase::kGateClosedWonUnknown:
      return "nu se știe dacă afacerea este câștigată";

    // Names of parts, dimensions, states, roles, stages and channels.
    case Phrase::kPartFit:
      return "potrivire";
    case Phrase::kPartEngagement:
      return "implicare";
    case Phrase::kPartBant:
      return "BANT";
    case Phrase::kPartTotal:
      return "total";
    case Phrase::kDimensionBudget:
      return "buget";
    case Phrase::kDimensionAuthority:
      return "autoritate de decizie";
    case Phrase::kDimensionNeed:
      return "nevoie";
    case Phrase::kDimensionTimeline:
      return "termen de achiziție";
    case Phrase::kStateUnmet:
      return "neîndeplinit";
    case Phrase::kStateStale:
      return "învechit";
    case Phrase::kStateUnknown:
      return "necunoscut";
    case Phrase::kStatePartial:
      return "parțial";
    case Phrase::kStateMet:
      return "îndeplinit";
    case Phrase::kRoleDecisionMaker:
      return "factor de decizie";
    case Phrase::kRoleEconomicBuyer:
      return "decident economic";
    case Phrase::kRoleInfluencer:
      return "influențator";
    case Phrase::kRoleChampion:
      return "susținător";
    case Phrase::kRoleEvaluator:
      return "evaluator";
    case Phrase::kRoleUser:
      return "utilizator";
    case Phrase::kStageLead:
      return "Lead";
    case Phrase::kStageMql:
      return "Lead calificat de marketing";
    case Phrase::kStageSql:
      return "Lead calificat de vânzări";
    case Phrase::kStageOpportunity:
      return "Oportunitate";
    case Phrase::kStageCustomer:
      return "Client";
    case Phrase::kStageNurture:
      return "Cultivare";
    case Phrase::kStageDisqualified:
      return "Descalificat";
    case Phrase::kChannelEmail:
      return "e-mail";
    case Phrase::kChannelPhone:
      return "telefon";
    case Phrase::kChannelSms:
      return "SMS";
    case Phrase::kChannelPost:
      return "poștă";

    // Names of attributes.
    case Phrase::kAttributeCompanyName:
      return "numele companiei";
    case Phrase::kAttributeCompanyIndustry:
      return "domeniul de activitate";
    case Phrase::kAttributeCompanyEmployeeCount:
      return "numărul de angajați";
    case Phrase::kAttributeCompanyAnnualRevenue:
      return "cifra de afaceri anuală";
    case Phrase::kAttributeCompanyCountry:
      return "țara companiei";
    case Phrase::kAttributeCompanyRegion:
      return "regiunea companiei";
    case Phrase::kAttributeCompanyCity:
      return "orașul companiei";
    case Phrase::kAttributeCompanyTechnologies:
      return "tehnologiile folosite";
    case Phrase::kAttributeCompanyDomain:
      return "domeniul de internet al companiei";
    case Phrase::kAttributeCompanyFoundedYear:
      return "anul înființării";
    case Phrase::kAttributeCompanyOwnership:
      return "forma de proprietate";
    case Phrase::kAttributeCompanyRevenueRank:
      return "poziția după cifra de afaceri";
    case Phrase::kAttributeContactTitle:
      return "funcția";
    case Phrase::kAttributeContactSeniority:
      return "nivelul ierarhic";
    case Phrase::kAttributeContactDepartment:
      return "departamentul";
    case Phrase::kAttributeContactCountry:
      return "țara persoanei de contact";
    case Phrase::kAttributeContactLanguage:
      return "limba persoanei de contact";
    case Phrase::kAttributeContactTimeZone:
      return "fusul orar al persoanei de contact";
    case Phrase::kAttributeContactEmailDomain:
      return "domeniul de e-mail";
    case Phrase::kAttributeContactFreeEmailDomain:
      return "folosirea unui furnizor gratuit de e-mail";
    case Phrase::kAttributeSourceChannel:
      return "originea primului contact";
    case Phrase::kAttributeSourceMedium:
      return "mediul primului contact";
    case Phrase::kAttributeSourceReferrer:
      return "sursa recomandării";
    case Phrase::kAttributeSourceFirstContactTime:
      return "momentul primului contact";
    case Phrase::kAttributeSourceCampaign:
      return "campania";

    // Questions that close gaps.
    case Phrase::kQuestionBudget:
      return "Ce buget ați prevăzut pentru acest proiect și a fost deja aprobat?";
    case Phrase::kQuestionAuthority:
      return "Cine mai este implicat în decizie și cine are ultimul cuvânt?";
    case Phrase::kQuestionNeed:
      return "Ce problemă doriți să rezolvați și ce se întâmplă dacă rămâne nerezolvată?";
    case Phrase::kQuestionTimeline:
      return "Până când doriți să aveți o soluție pusă în funcțiune?";
    case Phrase::kQuestionAttribute:
      return "Ce ne puteți spune despre următoarele: $0?";

    // Titles of actions.
    case Phrase::kTitleReply:
      return "Răspundeți la solicitare";
    case Phrase::kTitleDiscoveryCall:
      return "Discuție de descoperire";
    case Phrase::kTitleFindDecisionMaker:
      return "Identificați factorul de decizie";
    case Phrase::kTitleRoiCalculator:
      return "Oferiți calculatorul de rentabilitate";
    case Phrase::kTitleAttributeForm:
      return "Trimiteți un scurt formular pentru datele lipsă";
    case Phrase::kTitleNurtureContent:
      return "Trimiteți conținut de cultivare";
    case Phrase::kTitleNurtureBlog:
      return "Trimiteți un articol de blog";
    case Phrase::kTitleNurtureEbook:
      return "Oferiți o carte electronică";
    case Phrase::kTitleNurturePodcast:
      return "Recomandați un episod de podcast";
    case Phrase::kTitleNurtureVideo:
      return "Trimiteți un scurt material video";
    case Phrase::kTitleNurtureInfographic:
      return "Trimiteți un infografic";
    case Phrase::kTitleNurtureWebinar:
      return "Invitați la un webinar";
    case Phrase::kTitleNurtureNewsletter:
      return "Oferiți abonarea la newsletter";
    case Phrase::kTitleSalesPresentation:
      return "Susțineți prezentarea de vânzare";
    case Phrase::kTitleAskForConsent:
      return "Cereți acordul";
    case Phrase::kTitleBookMeeting:
      return "Stabiliți o întâlnire";
    case Phrase::kTitleHandOver:
      return "Predați leadul echipei de vânzări";

    // Scripts of actions.
    case Phrase::kScriptReply:
      return "Vă mulțumim pentru solicitare. Pentru a vă putea ajuta imediat, îmi permiteți câteva "
             "întrebări scurte?";
    case Phrase::kScriptDiscoveryCall:
      return "Aș dori să înțeleg ce căutați și dacă vă putem ajuta. Îmi permiteți câteva "
             "întrebări?";
    case Phrase::kScriptFindDecisionMaker:
      return "Aflați cine decide asupra acestei achiziții: întrebați persoana de contact sau "
             "consultați informațiile publice ale companiei.";
    case Phrase::kScriptLookUpDecisionMaker:
      return "Aflați cine decide asupra acestei achiziții: consultați informațiile publice ale "
             "companiei.";
    case Phrase::kScriptRoiCalculator:
      return "Cu ajutorul calculatorului nostru vedeți în câteva minute ce economii v-ar aduce o "
             "soluție.";
    case Phrase::kScriptAttributeForm:
      return "Pentru a vă trimite numai ceea ce vi se potrivește, ne puteți răspunde la câteva "
             "întrebări scurte?";
    case Phrase::kScriptNurtureContent:
      return "Avem aici ceva ce v-ar putea fi de folos.";
    case Phrase::kScriptSalesPresentation:
      return "Arătați cum răspundem nevoii exprimate, cât costă și ce aduce, și stabiliți pasul "
             "următor.";
    case Phrase::kScriptAskForConsent:
      return "Putem să vă contactăm prin $0 cu informații potrivite pentru dumneavoastră? Vă "
             "puteți retrage acordul oricând.";
    case Phrase::kScriptBookMeeting:
      return "Când v-ar conveni o întâlnire de 30 de minute?";
    case Phrase::kScriptHandOver:
      return "Transmiteți răspunsurile de până acum, întrebările rămase și pasul următor.";

    // Reasons for actions.
    case Phrase::kActionBudget:
      return "+$0 dacă bugetul este confirmat";
    case Phrase::kActionAuthority:
      return "+$0 dacă se cunoaște un factor de decizie";
    case Phrase::kActionNeed:
      return "+$0 dacă nevoia este confirmată";
    case Phrase::kActionTimeline:
      return "+$0 dacă momentul achiziției este confirmat";
    case Phrase::kActionCriterion:
      return "+$0 dacă se cunoaște și se potrivește: $1";
    case Phrase::kActionSeveral:
      return "+$0 dacă acestea sunt confirmate: $1";
    case Phrase::kActionCloses:
      return "clarifică: $0";
    case Phrase::kActionUnlocks:
      return "deschide calea către: $0; $1";
    case Phrase::kActionHandRaise:
      return "o solicitare își așteaptă răspunsul";
    case Phrase::kActionNurture:
      return "păstrează legătura până apare interesul";
    case Phrase::kActionConsent:
      return "încă fără permisiune pentru: $0";
    case Phrase::kActionConsentInbound:
      return "încă fără permisiune pentru: $0; întrebați la următorul contact inițiat de client";
    case Phrase::kActionSituation:
      return "se potrivește situației actuale a leadului";

    // Why an action was withheld. The last two follow one of the others.
    case Phrase::kWithheldUnknown:
      return "nu se cunoaște niciun acord pentru $0";
    case Phrase::kWithheldDenied:
      return "acordul pentru $0 a fost refuzat";
    case Phrase::kWithheldUnsubscribed:
      return "o dezabonare a retras canalul: $0";
    case Phrase::kWithheldReplaced:
      return "$0; în schimb se folosește: $1";
    case Phrase::kWithheldAsk:
      return "$0; în schimb cereți acordul";
    case Phrase::kTraceNewestEvents:
      return "se iau în calcul cele mai noi $0 din $1 evenimente";
    case Phrase::kNoteDuplicates:
      return "evenimente omise, cu identificator deja menționat: $0";
    case Phrase::kNoteFutureEvents:
      return "evenimente omise, ulterioare momentului evaluării: $0";
    case Phrase::kNoteFutureFacts:
      return "date ulterioare momentului evaluării, considerate necunoscute: $0";
    case Phrase::kNoteBotNoise:
      return "deschideri și clicuri omise, atribuite unui bot: $0";
    case Phrase::kNoteWrongType:
      return "$0: nu are tipul verificat de ICP; se consideră necunoscut";
    case Phrase::kNoteNoRate:
      return "$0: fără monedă sau într-o monedă fără curs de schimb în ICP; se consideră "
             "necunoscut";
    case Phrase::kNoteUnheardOfRole:
      return "evidence[$0].authority.role: nu este unul dintre roluri; se consideră necunoscut";
  }
  return "";
}

}  // namespace

constexpr PhraseTable kRomanianPhrases = MakePhraseTable(RomanianText);

}  // namespace bantam
