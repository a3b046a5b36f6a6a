#include "server/store/postgres_schema.h"

namespace bantam {
namespace {

// All names and texts are ordered by their bytes, as this program orders them (COLLATE "C").
constexpr char kTables[] = R"sql(
-- The changes of the whole store, counted without gaps. Each save raises the row within its
-- transaction and holds its lock until that is committed: whoever sees number N sees the changes up
-- to N. A sequence would not do: number 2 can become visible before number 1.
CREATE TABLE bantam.change_counter (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL CHECK (sequence >= 0)
) WITH (fillfactor = 10);
INSERT INTO bantam.change_counter (sequence) VALUES (0);

CREATE TABLE bantam.tenants (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^tenants/[^/]+$'),
  names_sequence bigint NOT NULL  -- The newest change by which an ICP came or went.
);
CREATE INDEX tenants_names_sequence ON bantam.tenants (names_sequence);

-- What is current under each name that ever was.
CREATE TABLE bantam.icps (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^tenants/[^/]+/icps/[^/]+$'),
  tenant text COLLATE "C" NOT NULL REFERENCES bantam.tenants,
  sequence bigint NOT NULL,     -- The newest change of it.
  last_number bigint NOT NULL,  -- Of its newest entry.
  number bigint NOT NULL,       -- Of the record in force; 0: it is deleted.
  revision text COLLATE "C" NOT NULL  -- The same; '': it is deleted.
);
CREATE INDEX icps_sequence ON bantam.icps (sequence);
CREATE INDEX icps_tenant ON bantam.icps (tenant, name) WHERE number <> 0;

-- The history of each ICP. Immutable.
CREATE TABLE bantam.revisions (
  name text COLLATE "C" NOT NULL REFERENCES bantam.icps,
  number bigint NOT NULL CHECK (number > 0),
  revision text COLLATE "C" NOT NULL,  -- '': a deletion.
  title text COLLATE "C" NOT NULL,
  author text COLLATE "C" NOT NULL,
  comment text COLLATE "C" NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  yaml text COLLATE "C" CHECK (yaml <> ''),  -- As written. NULL: a deletion.
  PRIMARY KEY (name, number),
  CHECK ((yaml IS NULL) = (revision = ''))
);
CREATE INDEX revisions_revision ON bantam.revisions (name, revision, number);

CREATE FUNCTION bantam.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'revisions are never changed or deleted; save a new one with bantam.save()';
END
$$;
CREATE TRIGGER revisions_are_immutable BEFORE UPDATE OR DELETE ON bantam.revisions
  FOR EACH ROW EXECUTE FUNCTION bantam.refuse_change();
CREATE TRIGGER revisions_are_kept BEFORE TRUNCATE ON bantam.revisions
  FOR EACH STATEMENT EXECUTE FUNCTION bantam.refuse_change();
)sql";

constexpr char kSave[] = R"sql(
CREATE TYPE bantam.saved AS (
  number bigint,
  revision text,
  title text,
  author text,
  comment text,
  create_time timestamptz,
  sequence bigint,
  unchanged boolean,
  names_changed boolean
);

-- Saves a text as an ICP's next revision, which becomes current. The only way to change anything.
--   yaml             NULL: the ICP is deleted. The text that is current already: nothing is written.
--   revision, title  what they are for whoever asks for them; the default does for a text that is
--                    saved by hand
--   expected_number  what the ICP's newest number must be: -1 any; 0 the ICP must not be there (never
--                    was, or is deleted). BA001: it is another.
-- BA002: the ICP that is to be deleted is not there.
CREATE FUNCTION bantam.save(
  name text, yaml text, revision text DEFAULT NULL, title text DEFAULT NULL,
  author text DEFAULT '', comment text DEFAULT '', expected_number bigint DEFAULT -1)
RETURNS bantam.saved LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  tenant_name text := substring(save.name FROM '^(tenants/[^/]+)/icps/[^/]+$');
  icp bantam.icps;
  entry bantam.revisions;
  old_number bigint;
  new_sequence bigint;
BEGIN
  IF tenant_name IS NULL THEN
    RAISE EXCEPTION 'an ICP is called tenants/{tenant}/icps/{icp}' USING ERRCODE = '22023';
  END IF;
  -- What is said to be saved must be on disk.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;

  SELECT * INTO icp FROM bantam.icps WHERE name = save.name FOR UPDATE;
  IF NOT FOUND AND save.yaml IS NOT NULL AND expected_number <= 0 THEN
    INSERT INTO bantam.tenants VALUES (tenant_name, 0) ON CONFLICT DO NOTHING;
    INSERT INTO bantam.icps VALUES (save.name, tenant_name, 0, 0, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO icp FROM bantam.icps WHERE name = save.name FOR UPDATE;
  END IF;
  old_number := coalesce(icp.number, 0);

  IF save.yaml IS NULL AND old_number = 0 THEN
    RAISE EXCEPTION 'there is no ICP of this name to delete' USING ERRCODE = 'BA002';
  END IF;
  IF save.yaml IS NOT NULL AND old_number <> 0 THEN
    SELECT * INTO entry FROM bantam.revisions r
      WHERE r.name = save.name AND r.number = old_number AND r.yaml = save.yaml;
    IF FOUND THEN
      RETURN (entry.number, entry.revision, entry.title, entry.author, entry.comment,
              entry.create_time, icp.sequence, true, false)::bantam.saved;
    END IF;
  END IF;
  IF (CASE expected_number WHEN -1 THEN true WHEN 0 THEN old_number = 0
      ELSE icp.last_number = expected_number END) IS NOT TRUE THEN
    RAISE EXCEPTION 'the ICP has another newest number' USING ERRCODE = 'BA001';
  END IF;

  INSERT INTO bantam.revisions (name, number, revision, title, author, comment, yaml)
    VALUES (save.name, icp.last_number + 1,
      CASE WHEN save.yaml IS NULL THEN '' ELSE coalesce(nullif(save.revision, ''),
        'sql-' || left(encode(sha256(convert_to(save.yaml, 'UTF8')), 'hex'), 12)) END,
      CASE WHEN save.yaml IS NULL THEN ''
        ELSE coalesce(save.title, split_part(save.name, '/', 4)) END,
      save.author, save.comment, save.yaml)
    RETURNING * INTO entry;
  -- From here to the commit all saves stand in line.
  UPDATE bantam.change_counter SET sequence = sequence + 1 RETURNING sequence INTO new_sequence;
  UPDATE bantam.icps
    SET sequence = new_sequence, last_number = entry.number, revision = entry.revision,
      number = CASE WHEN save.yaml IS NULL THEN 0 ELSE entry.number END
    WHERE name = save.name;
  IF (old_number = 0) <> (save.yaml IS NULL) THEN
    UPDATE bantam.tenants SET names_sequence = new_sequence WHERE name = tenant_name;
  END IF;
  RETURN (entry.number, entry.revision, entry.title, entry.author, entry.comment,
          entry.create_time, new_sequence, false,
          (old_number = 0) <> (save.yaml IS NULL))::bantam.saved;
END
$$;
-- Or else whoever may read could write.
REVOKE EXECUTE ON FUNCTION bantam.save(text, text, text, text, text, text, bigint) FROM PUBLIC;
)sql";

}  // namespace

const std::vector<PostgresMigration>& PostgresMigrations() {
  static const auto& migrations = *new std::vector<PostgresMigration>{
      {1, 1, "tables for tenants, ICPs, revisions and the change counter", kTables},
      {2, 2, "the function bantam.save", kSave},
  };
  return migrations;
}

}  // namespace bantam
