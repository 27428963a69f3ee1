//! The interface as a browser meets it, over a store in a temporary folder and data made up; every case on SQLite and on PostgreSQL.

mod access;
mod client;
mod counter;
mod description;
mod desk;
mod exports;
mod fake;
mod files;
mod idp;
mod leads;
mod looks;
mod office;
mod oidc;
mod pages;
mod profiles;
mod relations;
mod schema;
mod session;
#[path = "../../../store/testing/stores.rs"]
mod stores;
mod way;
mod world;

/// Declares the cases, each as a test on SQLite, and one test that runs all of them on PostgreSQL.
macro_rules! cases {
    ($($module:ident::$case:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$module::$case().await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn postgres() {
            let Some(server) = stores::Server::start() else { return };
            let all = async {
                $(
                    println!("{}::{}", stringify!($module), stringify!($case));
                    $module::$case().await;
                )*
            };
            world::SERVER.scope(std::sync::Arc::new(server), Box::pin(all)).await;
        }
    };
}

cases! {
    access::nobody_gets_in_without_logging_in
    access::a_role_gets_where_its_rights_lead_and_nowhere_else
    access::what_lies_out_of_scope_is_not_there
    access::no_act_reaches_a_lead_of_elsewhere
    access::lists_counts_and_exports_stay_within_the_scope
    access::nobody_raises_themselves
    access::what_is_taken_from_an_account_holds_at_once
    counter::figures_are_those_of_whom_one_sees
    counter::an_institution_sees_its_own_and_nothing_of_all
    counter::a_range_that_is_none_is_refused
    exports::names_leave_in_clear_once_another_has_let_them
    exports::many_rows_wait_and_few_do_not
    exports::what_cannot_be_asked_for_is_told
    exports::what_was_searched_for_is_not_written_down
    files::a_file_goes_in_and_comes_out_as_a_download
    files::what_is_no_document_is_not_kept
    files::an_export_has_a_reason_a_trace_and_no_formula
    leads::pages_follow_each_other_and_cursors_are_nobody_elses
    leads::questions_that_make_no_sense_are_told
    leads::names_that_are_script_stay_text
    leads::evidence_comes_with_what_people_decided
    leads::a_name_in_clear_leaves_a_trace_first
    leads::the_second_of_two_is_told_of_the_first
    leads::an_act_sent_twice_is_done_once
    leads::many_at_once_and_each_is_told
    looks::who_looks_is_written_down
    looks::who_is_refused_is_written_down_too
    looks::a_look_is_on_record_within_a_second_by_itself
    looks::the_trail_leaves_with_a_reason_and_is_held_against_the_chain
    looks::a_busy_store_delays_a_look_and_loses_none
    looks::a_printed_page_leads_back_to_who_printed_it
    office::the_security_administrator_keeps_accounts
    office::the_trail_is_read_by_page_and_is_whole
    office::a_job_is_started_watched_and_stopped
    office::who_may_not_begin_a_job_does_not_end_it
    office::rules_points_and_records_are_read
    office::quality_is_told_of_ones_own_region
    office::the_table_of_rights_is_the_one_that_decides
    office::an_institution_is_told_of_published_rules_only
    oidc::who_is_vouched_for_is_in
    oidc::it_leads_nowhere_but_here
    oidc::a_session_is_new_and_the_one_before_ends
    oidc::nobody_is_logged_in_under_another_by_a_link
    oidc::state_and_code_are_used_once
    oidc::an_answer_of_another_provider_is_refused
    oidc::a_token_that_is_not_right_is_no_token
    oidc::keys_may_change
    oidc::who_has_no_account_is_told_and_stays_out
    oidc::a_second_factor_there_counts_where_it_is_trusted
    pages::every_answer_is_kept_close
    pages::a_page_has_a_nonce_and_no_inline_script
    pages::what_is_not_there_is_told_in_one_form
    pages::requests_are_counted_without_names
    relations::a_picture_is_of_what_one_may_see
    relations::a_picture_of_nonsense_is_not_drawn
    relations::groups_come_with_the_leads_of_their_members
    relations::a_picture_leaves_with_reason_mark_and_trace
    relations::a_picture_waits_for_a_second_person_where_all_exports_do
    session::who_logs_in_is_told_who_they_are
    session::a_session_that_was_ended_is_ended_everywhere
    session::a_session_that_was_foisted_on_somebody_is_worth_nothing
    session::wrong_passwords_are_told_apart_from_nothing_and_lock
    session::nothing_changes_without_the_token_of_this_session
    session::a_form_of_another_site_cannot_log_in
    session::the_password_changes_and_ends_other_sessions
    session::a_given_password_must_be_changed_before_anything_else
    session::a_role_that_needs_a_second_factor_sets_it_up_first
    way::accepted_money_comes_back
    way::a_panel_sees_what_it_judges_and_nothing_else
}
