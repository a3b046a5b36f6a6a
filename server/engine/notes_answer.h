// Writes remarks about the input.
#ifndef BANTAM_SERVER_ENGINE_NOTES_ANSWER_H_
#define BANTAM_SERVER_ENGINE_NOTES_ANSWER_H_

#include "server/engine/assessment.h"
#include "server/engine/events.h"
#include "server/engine/localization.h"
#include "server/engine/profile.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// Writes what was left out and what cannot be used, as elements of Evaluation.notes.
void WriteNotes(const Profile& profile, const Assessment& assessment, const EventLog& log,
                const Texts& texts, WireWriter* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_NOTES_ANSWER_H_
