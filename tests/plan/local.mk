TESTS += tests/plan/run
EXTRA_DIST += tests/plan/run tests/plan/lib.sh $(plan_cases:=.case) $(plan_cases:=.out)
plan_cases = \
	tests/plan/drift_kinds \
	tests/plan/gap01_names_are_unique \
	tests/plan/gap01_names_of_others \
	tests/plan/gap01_owner_is_checked \
	tests/plan/gap02_view_keeps_table \
	tests/plan/gap03_completed_is_done \
	tests/plan/gap04_degraded_and_moving \
	tests/plan/gap05_edits_are_seen \
	tests/plan/gap06_half_made_table \
	tests/plan/gap07_no_temporary_topics \
	tests/plan/gap08_option_values \
	tests/plan/gap09_tests_are_snapshots \
	tests/plan/gap10_stored_failures_end \
	tests/plan/gap11_nothing_leaks \
	tests/plan/gap12_seeds \
	tests/plan/gap13_commit_docs_grants \
	tests/plan/gap14_columns_by_name \
	tests/plan/gap15_unit_tests \
	tests/plan/gap16_pool_everywhere \
	tests/plan/gap17_other_environment \
	tests/plan/gap18_all_checked_first \
	tests/plan/gap19_quoting \
	tests/plan/gap20_busy_server \
	tests/plan/gap21_refresh_in_order \
	tests/plan/gap22_types_in_full \
	tests/plan/gap23_one_comparison \
	tests/plan/gap24_dry_run_before_drop \
	tests/plan/gap25_requests \
	tests/plan/gap26_orphans \
	tests/plan/gap27_lost_answers \
	tests/plan/gap28_no_needless_waits \
	tests/plan/gap29_options_in_order \
	tests/plan/materialized_table \
	tests/plan/offline \
	tests/plan/refused_kinds \
	tests/plan/saved_plan \
	tests/plan/saved_plan_damaged \
	tests/plan/seeds_again
