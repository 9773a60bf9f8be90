-- By hand: whoever changes a draft (a save, a new version, a rollback), those who have it open are told at the commit.
CREATE FUNCTION "draft_changed"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('weftline_draft', COALESCE(NEW."workflow_id", OLD."workflow_id")::text);
    RETURN NULL;
END $$;

CREATE TRIGGER "draft_changed" AFTER UPDATE OR DELETE ON "draft" FOR EACH ROW EXECUTE FUNCTION "draft_changed"();
