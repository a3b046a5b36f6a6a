#include "server/rpc/icp_messages.h"

#include "server/engine/protobuf_time.h"

namespace bantam {

void DescribeRevision(const CatalogEntry& entry, v1::IcpRevision* revision) {
  revision->set_name(entry.icp->name());
  revision->set_revision(entry.icp->revision());
  *revision->mutable_icp() = entry.icp->definition();
  revision->set_yaml(entry.yaml);
  SetTime(entry.load_time, revision->mutable_load_time());
  revision->mutable_warnings()->Add(entry.warnings.begin(), entry.warnings.end());
  const RevisionOrigin& origin = entry.origin;
  revision->set_etag(origin.etag);
  revision->set_author(origin.author);
  revision->set_comment(origin.comment);
  if (origin.number == 0) return;
  revision->set_number(origin.number);
  SetTime(origin.create_time, revision->mutable_create_time());
}

void DescribeBadRevision(const StoredRevision& stored, v1::IcpRevision* revision) {
  const RevisionRecord& record = stored.record;
  revision->set_name(record.name);
  revision->set_revision(record.revision);
  revision->set_yaml(record.yaml);
  SetTime(stored.read_time, revision->mutable_load_time());
  revision->set_number(record.number);
  revision->set_etag(EtagOf(record));
  revision->set_author(record.author);
  revision->set_comment(record.comment);
  SetTime(record.create_time, revision->mutable_create_time());
  for (const v1::Issue& issue : stored.issues) {
    const bool is_error = issue.severity() == v1::ISSUE_SEVERITY_ERROR;
    *(is_error ? revision->add_errors() : revision->add_warnings()) = issue;
  }
}

void SummarizeRevision(const RevisionRecord& record, bool current,
                       v1::IcpRevisionSummary* summary) {
  summary->set_number(record.number);
  summary->set_revision(record.revision);
  summary->set_etag(EtagOf(record));
  summary->set_author(record.author);
  summary->set_comment(record.comment);
  SetTime(record.create_time, summary->mutable_create_time());
  summary->set_title(record.title);
  summary->set_deletion(record.deletion());
  summary->set_current(current);
}

}  // namespace bantam
