// Answers → text: for people, or for other programs.
#ifndef BANTAM_CLIENT_OUTPUT_RESULT_WRITER_H_
#define BANTAM_CLIENT_OUTPUT_RESULT_WRITER_H_

#include <memory>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "bantam/v1/qualification_service.pb.h"
#include "client/output/terminal.h"

namespace bantam {

// Forms of output.
enum class OutputFormat {
  kCard,    // For a person, one card for each lead.
  kTable,   // For a person, one line for each lead, and a sum.
  kJson,    // One document: the Evaluation of a single lead, else a list of LeadResult.
  kNdjson,  // A LeadResult on each line.
  kYaml,    // As kJson, in YAML.
  kCsv,     // A header and a row for each lead.
};

// One answer and where its lead stands.
struct Answer {
  v1::LeadResult result;
  std::string file;
  int line = 0;
};

// What people call the lead: its id, else its file (without folders) and line.
std::string LeadName(const Answer& answer);

struct WriterOptions {
  OutputFormat format = OutputFormat::kCard;
  std::string language_code;  // Of the question; what is for people is written in it.
  Style style;
  absl::TimeZone zone;  // For times that people read.
  bool single = false;  // Exactly one lead was asked about.
  bool ranked = false;  // Answers come best first and are numbered.
};

// Writes answers in the order in which they come. Those with an error are left out for people (they
// are listed at the end elsewhere) and written for programs with their error, which names the file
// and the line. Not thread-safe.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;
  virtual void Write(const Answer& answer) = 0;

  // An answer that is not to be shown, but counts where answers are counted.
  virtual void Pass(const Answer& answer) {}

  // Once, after the last answer.
  virtual void Finish() = 0;
};

// `output` must outlive the writer.
std::unique_ptr<ResultWriter> MakeResultWriter(const WriterOptions& options, std::ostream* output);

// `text` as a CSV cell (RFC 4180). Text that a spreadsheet would run as a formula (it starts with
// =, +, -, @, a tab or a return, and is no number) gets an apostrophe in front.
std::string CsvCell(const std::string& text);

// `message` as JSON with the names of the contract; fields of value 0 are written too.
std::string ToJson(const google::protobuf::Message& message, bool pretty);

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_RESULT_WRITER_H_
