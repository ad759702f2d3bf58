-- The functions of the triggers name tables and functions without their schema. Whoever updates a row by hand may have any
-- search_path, under which they would fail, or find other tables of the same names, temporary ones included.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tell_new_sessions', 'tell_updated_sessions', 'tell_deleted_sessions', 'tell_updated_users'] LOOP
    EXECUTE format('ALTER FUNCTION %I.%I() SET search_path = %I, pg_temp', current_schema(), name, current_schema());
  END LOOP;
END
$$;
