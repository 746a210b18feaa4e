//! The scenarios of this crate, in the one protocol of IAM and STS; and what a scenario cannot show.

mod sessions;

use mesh_access::Access;
use mesh_router::{Registry, Service};

fn register(registry: &mut Registry) {
    Access.register(registry);
}

mod iam {
    mesh_testkit::scenarios!("tests/scenarios/iam", "iam", super::register);
}

mod sts {
    mesh_testkit::scenarios!("tests/scenarios/sts", "sts", super::register);
}

#[test]
fn an_account_has_a_thousand_roles_at_most() {
    let bed = mesh_testkit::TestBed::new(register);
    let trust = r#"{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"sts:AssumeRole\"}}"#;
    let create = |number: usize| {
        let input = format!(r#"{{"RoleName": "r{number}", "AssumeRolePolicyDocument": "{trust}"}}"#);
        bed.call("iam", "CreateRole", &input)
    };
    assert!((0..1_000).all(|number| create(number).status == 200));
    let refused = create(1_000);
    assert_eq!((refused.status, refused.error.as_deref()), (409, Some("LimitExceeded")));
    assert!(
        refused.body.to_string().contains("Cannot exceed quota for RolesPerAccount: 1000"),
        "{}",
        refused.body
    );
}
