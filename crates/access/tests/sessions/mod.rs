//! Temporary credentials: whose they are, and for how long.

use super::register;
use mesh_clock::RealTime;
use mesh_models::iam::{CreateRole, CreateRoleInput};
use mesh_models::sts::{
    AssumeRole, AssumeRoleInput, AssumeRoleOutput, Credentials, GetCallerIdentity, GetCallerIdentityInput,
    GetSessionToken, GetSessionTokenInput,
};
use mesh_router::{Caller, Context, ContextParts};
use mesh_store::{Cause, Key};
use mesh_testkit::{ENDPOINT, TestBed};
use mesh_types::{AccountId, IssuedKey, Region, RequestId, Timestamp, UniverseHandle};
use mesh_wire::{ApiError, Operation};
use std::time::Duration;

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement":
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;

/// A bed with a role in account 222222222222.
fn bed() -> TestBed {
    let bed = TestBed::new(register);
    let role = CreateRoleInput {
        role_name: Some("worker".to_owned()),
        assume_role_policy_document: Some(TRUST.to_owned()),
        max_session_duration: Some(7_200),
        path: Some("/team/".to_owned()),
        ..CreateRoleInput::default()
    };
    call::<CreateRole>(&bed, "222222222222", RealTime::now(), role).expect("a role");
    bed
}

/// Calls with an access key, as the edge does: the key's account is called.
fn call<O: Operation>(
    bed: &TestBed,
    key: &str,
    at: Timestamp,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    call_as::<O>(bed, Caller::AccessKey(key.into()), at, input)
}

fn call_as<O: Operation>(
    bed: &TestBed,
    caller: Caller,
    at: Timestamp,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    let account = match &caller {
        Caller::AccessKey(key) => {
            IssuedKey::parse(key).map(|key| key.account).or_else(|| AccountId::parse(key).ok())
        }
        _ => None,
    };
    let universe = bed.universe();
    let request_id = RequestId::from_random(universe.draw_request_id());
    let parts = ContextParts {
        universe,
        account: account.unwrap_or(AccountId::DEFAULT),
        region: Region::DEFAULT,
        caller,
        request_id,
        trace: None,
        cause: Cause::Request(request_id.bits()),
        arrived_at: at,
        endpoint: ENDPOINT.into(),
    };
    let cx = Context::new(bed.router(), parts);
    bed.block_on(O::meta().name, cx.call::<O>(input))
}

fn wanted(role: &str, session: &str) -> AssumeRoleInput {
    AssumeRoleInput {
        role_arn: Some(format!("arn:aws:iam::222222222222:role/team/{role}")),
        role_session_name: Some(session.to_owned()),
        ..AssumeRoleInput::default()
    }
}

fn assume(bed: &TestBed, key: &str, at: Timestamp, input: AssumeRoleInput) -> AssumeRoleOutput {
    call::<AssumeRole>(bed, key, at, input).expect("credentials")
}

fn key_of(credentials: Option<Credentials>) -> String {
    credentials.and_then(|credentials| credentials.access_key_id).expect("an access key id")
}

fn who(bed: &TestBed, key: &str, at: Timestamp) -> Result<(String, String), String> {
    let answer = call::<GetCallerIdentity>(bed, key, at, GetCallerIdentityInput {});
    let answer = answer.map_err(|error| format!("{} {}", error.meta().code, error.message()))?;
    Ok((answer.account.unwrap_or_default(), answer.arn.unwrap_or_default()))
}

#[test]
fn credentials_of_a_role_are_the_roles_in_its_own_account() {
    let (bed, now) = (bed(), RealTime::now());
    let mut input = wanted("worker", "s1");
    input.source_identity = Some("me".to_owned());
    let output = assume(&bed, "111111111111", now, input);
    let credentials = output.credentials.clone().expect("credentials");
    let key = key_of(output.credentials);
    let issued = IssuedKey::parse(&key).expect("a key that was issued here");
    assert_eq!((issued.account.as_str(), issued.universe), ("222222222222", UniverseHandle::of("default")));
    assert_eq!(credentials.secret_access_key.map(|secret| secret.len()), Some(40));
    assert!(credentials.session_token.is_some_and(|token| token.len() > 300));
    assert_eq!(credentials.expiration.map(|at| at.secs()), Some(now.as_secs() + 3_600));
    assert_eq!(output.source_identity.as_deref(), Some("me"));
    assert_eq!(output.packed_policy_size, None);
    let user = output.assumed_role_user.expect("a user");
    let arn = "arn:aws:sts::222222222222:assumed-role/worker/s1".to_owned();
    assert_eq!(user.arn.as_deref(), Some(arn.as_str()));
    let answer = call::<GetCallerIdentity>(&bed, &key, now, GetCallerIdentityInput {}).expect("an identity");
    assert_eq!((answer.user_id, answer.arn), (user.assumed_role_id.clone(), Some(arn)));
    assert!(user.assumed_role_id.is_some_and(|id| id.starts_with("AROA") && id.len() == 21 + 3));
}

#[test]
fn credentials_end_in_real_time_whatever_the_universes_clock_says() {
    let (bed, now) = (bed(), RealTime::now());
    let key = key_of(assume(&bed, "111111111111", now, wanted("worker", "s1")).credentials);
    bed.advance(Duration::from_secs(30 * 86_400));
    assert!(who(&bed, &key, now + Duration::from_secs(3_598)).is_ok());
    let late = who(&bed, &key, now + Duration::from_secs(3_600));
    assert_eq!(late, Err("ExpiredToken The security token included in the request is expired".to_owned()));
}

#[test]
fn an_id_that_was_not_issued_here_is_invalid() {
    let (bed, now) = (bed(), RealTime::now());
    let account = AccountId::parse("222222222222").expect("an account");
    let foreign = IssuedKey { account, universe: UniverseHandle::of("default"), serial: 9 }.to_string();
    let invalid =
        Err("InvalidClientTokenId The security token included in the request is invalid".to_owned());
    assert_eq!(who(&bed, &foreign, now), invalid);
    // An id of AWS's own is a plain key.
    let plain = who(&bed, "ASIAIOSFODNN7EXAMPLE", now);
    assert_eq!(plain, Ok(("000000000000".to_owned(), "arn:aws:iam::000000000000:root".to_owned())));
    // After a reset nothing that was issued before holds.
    let key = key_of(assume(&bed, "111111111111", now, wanted("worker", "s1")).credentials);
    bed.reset();
    assert_eq!(who(&bed, &key, now), invalid);
}

#[test]
fn a_fork_knows_the_credentials_that_were_issued_before_it() {
    let (bed, now) = (bed(), RealTime::now());
    let key = key_of(assume(&bed, "111111111111", now, wanted("worker", "s1")).credentials);
    bed.fork("other");
    bed.enter("other");
    assert!(who(&bed, &key, now).is_ok());
    let later = key_of(assume(&bed, "111111111111", now, wanted("worker", "s2")).credentials);
    assert_eq!(IssuedKey::parse(&later).map(|key| key.universe), Some(UniverseHandle::of("other")));
    bed.enter("default");
    assert!(who(&bed, &later, now).is_err());
}

#[test]
fn a_chain_of_roles_lasts_an_hour_and_keeps_the_source_identity() {
    let (bed, now) = (bed(), RealTime::now());
    let mut first = wanted("worker", "s1");
    (first.source_identity, first.duration_seconds) = (Some("me".to_owned()), Some(7_200));
    let key = key_of(assume(&bed, "111111111111", now, first).credentials);
    let refused = |input| call::<AssumeRole>(&bed, &key, now, input).expect_err("it is refused").to_string();
    let mut long = wanted("worker", "s2");
    long.duration_seconds = Some(3_601);
    assert!(refused(long).contains("1 hour session limit for roles assumed by role chaining"));
    let mut other = wanted("worker", "s2");
    other.source_identity = Some("you".to_owned());
    assert!(
        refused(other).contains("assumed-role/worker/s1 is not authorized to perform: sts:SetSourceIdentity")
    );
    assert_eq!(assume(&bed, &key, now, wanted("worker", "s2")).source_identity.as_deref(), Some("me"));
}

#[test]
fn a_session_token_is_the_root_users_and_gets_no_other() {
    let (bed, now) = (bed(), RealTime::now());
    let input = GetSessionTokenInput { duration_seconds: Some(43_200), ..GetSessionTokenInput::default() };
    let output = call::<GetSessionToken>(&bed, "111111111111", now, input).expect("credentials");
    let expiration = output.credentials.as_ref().and_then(|credentials| credentials.expiration);
    assert_eq!(expiration.map(|at| at.secs()), Some(now.as_secs() + 3_600));
    let key = key_of(output.credentials);
    let root = "arn:aws:iam::111111111111:root".to_owned();
    assert_eq!(who(&bed, &key, now), Ok(("111111111111".to_owned(), root)));
    let again = call::<GetSessionToken>(&bed, &key, now, GetSessionTokenInput::default());
    let said = again.expect_err("it is refused").to_string();
    assert_eq!(said, "AccessDenied: Cannot call GetSessionToken with session credentials");
}

#[test]
fn a_service_assumes_a_role_that_does_not_exist() {
    let (bed, now) = (bed(), RealTime::now());
    let missing = || wanted("missing", "s1");
    let refused = call::<AssumeRole>(&bed, "111111111111", now, missing()).expect_err("it is refused");
    assert_eq!(refused.meta().code, "AccessDenied");
    let lambda = Caller::service("lambda");
    let output = call_as::<AssumeRole>(&bed, lambda, now, missing()).expect("credentials");
    let arn = "arn:aws:sts::222222222222:assumed-role/missing/s1".to_owned();
    assert_eq!(who(&bed, &key_of(output.credentials), now), Ok(("222222222222".to_owned(), arn)));
}

#[test]
fn the_oldest_session_gives_its_number_to_the_newest() {
    let (bed, now) = (bed(), RealTime::now());
    let first = key_of(assume(&bed, "111111111111", now, wanted("worker", "s1")).credentials);
    let account = AccountId::parse("222222222222").expect("an account");
    let sessions: Key<mesh_access::state::sessions::Sessions> = Key::new(account, Region::DEFAULT, "");
    let cause = Cause::Deadline;
    bed.universe()
        .write(&sessions, cause, |sessions, _| {
            sessions.numbering.set(mesh_access::state::sessions::Numbering { next: IssuedKey::SERIALS - 1 });
            Ok::<_, mesh_types::Need>(())
        })
        .expect("written");
    for session in ["s2", "s3"] {
        let key = key_of(assume(&bed, "111111111111", now, wanted("worker", session)).credentials);
        let (_, arn) = who(&bed, &key, now).expect("an identity");
        assert!(arn.ends_with(session), "{arn}");
    }
    let (_, arn) = who(&bed, &first, now).expect("the same id, another session");
    assert!(arn.ends_with("s3"), "{arn}");
    // A day after their end sessions are forgotten.
    let later = now + Duration::from_secs(2 * 86_400);
    assume(&bed, "111111111111", later, wanted("worker", "s4"));
    let kept = bed.universe().read(&sessions, |sessions, _| sessions.sessions.len()).expect("read");
    assert_eq!(kept, 1);
}
