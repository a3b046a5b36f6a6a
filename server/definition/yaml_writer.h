// A tree of YAML nodes → text.
#ifndef BANTAM_SERVER_DEFINITION_YAML_WRITER_H_
#define BANTAM_SERVER_DEFINITION_YAML_WRITER_H_

#include <string>

#include "server/definition/yaml_tree.h"

namespace bantam {

// Writes a tree as a document in block style, short lists of single values in brackets and small
// maps of numbers in braces. Scalars marked `quoted` are texts: they get quotes where they need
// them, be it for other readers of YAML, or become a literal block where they have lines. Other
// scalars are written as they are. Positions are not looked at.
std::string WriteYamlTree(const YamlNode& root);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_YAML_WRITER_H_
