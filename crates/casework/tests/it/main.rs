//! Casework on SQLite and on PostgreSQL: every case runs on both.

mod campaign;
mod desk;
mod files;
mod law;
mod ledger;
mod lists;
mod runs;
mod shape;
#[path = "../../../store/testing/stores.rs"]
mod stores;
mod subjects;
mod upgrade;
mod wait;
mod way;

/// Declares the cases, each as a test on SQLite, and one test that runs all of them on PostgreSQL.
macro_rules! cases {
    ($($module:ident::$case:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let (_folder, url) = crate::stores::sqlite();
                crate::$module::$case(url).await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn postgres() {
            let Some(server) = stores::Server::start() else { return };
            $(
                println!("{}::{}", stringify!($module), stringify!($case));
                // On the heap: all cases together are more than the stack of a test.
                Box::pin($module::$case(server.database())).await;
            )*
        }
    };
}

cases! {
    way::a_definite_lead_nobody_contests_takes_the_short_way_to_the_money
    way::a_contested_suspicion_goes_through_review_appeal_panel_and_last_word
    way::nobody_reviews_their_own_work_and_the_offer_says_why
    way::silence_counts_only_past_the_limit_and_with_proof_of_delivery
    way::a_stopped_clock_keeps_the_days_left
    way::two_people_at_once_and_a_request_sent_twice
    way::an_institution_sees_only_what_it_was_told
    way::many_at_once_and_what_is_refused_is_named
    way::decisions_move_the_order_of_what_is_still_open
    way::a_review_is_passed_on_and_who_sat_on_the_panel_does_not_decide
    way::delivery_starts_the_limit_that_was_set
    way::who_is_late_is_reminded
    runs::a_second_run_keeps_work_and_says_what_vanished
    runs::decided_leads_are_left_alone_and_new_findings_open_the_next
    runs::what_vanished_while_told_counts_for_nothing_once_recalled
    runs::an_empty_run_ends_nobodys_work
    lists::pages_go_forth_and_back_through_every_lead_once
    lists::an_institution_is_not_shown_the_bureaus_order
    lists::sums_agree_with_the_rows_whatever_is_asked
    lists::lists_say_what_the_rows_say_whatever_is_combined
    lists::what_another_process_did_shows_at_once
    lists::a_scope_of_one_lead_shows_one_lead
    lists::a_region_and_single_leads_are_one_scope
    lists::the_search_box_finds_numbers_codes_and_names
    lists::the_morning_of_each
    ledger::money_adds_up_after_any_sequence_of_acts
    ledger::a_mistake_is_undone_by_a_counter_entry
    subjects::what_is_said_of_a_doctor_and_a_person_stays_below_the_scope
    upgrade::a_store_of_migration_0013_is_brought_up_without_loss
    campaign::a_campaign_from_the_list_to_the_money
    shape::what_was_merged_says_where_it_went_and_comes_back
    shape::a_run_leaves_findings_where_people_put_them
    shape::what_is_on_the_same_money_is_split_off_together
    shape::only_what_was_not_sent_and_is_of_one_person_and_house_is_merged
    wait::what_is_put_off_leaves_the_day_and_comes_back_by_itself
    wait::a_limit_towards_the_institution_runs_on
    way::decisions_teach_the_kind_of_institution
    law::silence_is_counted_from_the_proof_over_the_long_holiday_to_the_last_minute
    law::an_answer_in_the_last_minute_is_in_time_and_a_later_one_says_so
    law::a_pause_keeps_the_working_days_and_revives_nothing
    law::an_institution_has_its_whole_limit_from_the_proof_whatever_the_clock_did_before
    law::the_second_silence_needs_a_proof_of_its_own
    law::whoever_had_it_in_hand_before_a_recall_takes_no_later_part
    law::an_appeal_never_makes_it_worse
    law::a_decision_against_the_panel_gives_its_reason
    law::money_several_findings_share_is_charged_once_and_only_for_what_stands
    law::one_line_is_answered_once_and_a_definite_lead_can_still_object_to_facts
    law::who_decided_does_not_waive_what_is_due
    law::a_decision_is_corrected_and_money_that_came_in_goes_back
    law::many_at_once_count_each_lead_once
    files::what_is_attached_comes_back_and_only_to_whom_it_was_told
}
