#ifndef BANTAM_CLIENT_OUTPUT_LEAD_TABLE_H_
#define BANTAM_CLIENT_OUTPUT_LEAD_TABLE_H_

#include <memory>
#include <ostream>

#include "client/output/result_writer.h"

namespace bantam {

// OutputFormat::kTable: a line for each lead, and below those of several what they came to in all.
std::unique_ptr<ResultWriter> MakeLeadTable(const WriterOptions& options, std::ostream* output);

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_LEAD_TABLE_H_
