// Random messages, for tests that hold for every message.
#ifndef BANTAM_TESTS_DEFINITION_RANDOM_MESSAGE_H_
#define BANTAM_TESTS_DEFINITION_RANDOM_MESSAGE_H_

#include <random>
#include <string>

#include "google/protobuf/message.h"

namespace bantam {

// A text that is likely to be mistaken for something else in YAML.
std::string RandomText(std::mt19937_64* random);

// Sets random fields of `message`, at most `depth` messages deep, to values that a YAML document
// can say.
void FillRandomly(int depth, std::mt19937_64* random, google::protobuf::Message* message);

}  // namespace bantam

#endif  // BANTAM_TESTS_DEFINITION_RANDOM_MESSAGE_H_
