use super::*;
use http::Request;

const UNSIGNED: Kind = Kind::Api { is_signed: false };
const SIGNED: Kind = Kind::Api { is_signed: true };

/// A request to `localhost:4566`, unless its headers name another host.
fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:4566");
    }
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(()).expect("a request").into_parts().0
}

fn check(kind: Kind, headers: &[(&str, &str)]) -> Result<(), Refusal> {
    Guard::default().check(&head("POST", "/", headers), kind)
}

fn with_token() -> Guard {
    Guard { token: Some("secret".to_owned()), ..Guard::default() }
}

#[test]
fn hosts_that_nobody_else_can_have_are_answered() {
    for host in [
        "localhost",
        "localhost:4566",
        "LOCALHOST:4566",
        "localhost.",
        "sqs.us-east-1.localhost:4566",
        "a.universe.localhost",
        "127.0.0.1:4566",
        "10.1.2.3",
        "[::1]:4566",
        "[::1]",
        "[::ffff:127.0.0.1]:4566",
        "mesh-local:4566",
        "my_service:4566",
        "localhost.localstack.cloud:4566",
        "bucket.s3.us-east-1.localhost.localstack.cloud",
        "sqs.us-east-1.amazonaws.com",
        "rds.us-east-1.amazonaws.com",
        "S3.AmazonAWS.com",
        "sqs.cn-north-1.amazonaws.com.cn",
        "abc.lambda-url.us-east-1.on.aws",
        "dynamodb.us-east-1.api.aws",
        "host.docker.internal:4566",
        "host.containers.internal",
        "mesh.ns.svc.cluster.local",
    ] {
        assert_eq!(check(UNSIGNED, &[("host", host)]), Ok(()), "{host}");
    }
}

#[test]
fn a_host_that_may_be_somebody_elses_is_refused() {
    for host in [
        "evil.example:4566",
        "EVIL.EXAMPLE",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io:4566",
        "evillocalhost.example",
        "notlocalhost.localstack.cloud",
        "localstack.cloud",
        "amazonaws.com.evil.example",
        "evilamazonaws.com",
        "ec2-1-2-3-4.compute-1.amazonaws.com",
        "x.us-west-2.compute.amazonaws.com",
        "evil.us-east-1.ELB.amazonaws.com",
        "db.us-east-1.rds.amazonaws.com",
        "evil.docker.internal",
        "evil.svc",
        "localhost@evil.example",
        "evil.example@localhost",
        "user:pass@localhost",
        "localhost:4566@evil.example",
        "localhost,evil",
        "[::1].evil.example",
        "[evil.example]",
        "::1",
        "localhost evil.example",
        "",
    ] {
        assert_eq!(check(UNSIGNED, &[("host", host)]), Err(Refusal::Host(host.to_owned())), "{host}");
        assert_eq!(
            check(SIGNED, &[("host", host), ("authorization", "AWS4-HMAC-SHA256 x")]),
            Err(Refusal::Host(host.to_owned()))
        );
        assert!(
            check(Kind::Page, &[("host", host)]).is_err() && check(Kind::Open, &[("host", host)]).is_err()
        );
    }
}

#[test]
fn every_name_under_which_a_request_calls_must_be_ours() {
    let guard = Guard::default();
    let checked = |target, headers: &[(&str, &str)]| guard.check(&head("GET", target, headers), UNSIGNED);
    assert_eq!(checked("http://localhost:4566/", &[]), Ok(()));
    assert!(checked("http://evil.example/", &[]).is_err(), "the target's name counts");
    assert!(checked("http://localhost/", &[("host", "evil.example")]).is_err(), "and so does the header's");
    assert!(checked("http://user@localhost/", &[]).is_err());
    assert!(checked("/", &[("host", "localhost"), ("host", "evil.example")]).is_err(), "two headers");
}

#[test]
fn a_request_without_a_host_is_refused_where_it_must_have_one() {
    let mut head = head("GET", "/", &[]);
    head.headers.remove(HOST);
    assert_eq!(Guard::default().check(&head, UNSIGNED), Err(Refusal::NoHost));
    head.version = Version::HTTP_2;
    assert_eq!(Guard::default().check(&head, UNSIGNED), Err(Refusal::NoHost));
    head.version = Version::HTTP_10;
    assert_eq!(Guard::default().check(&head, UNSIGNED), Ok(()));
}

#[test]
fn pages_of_this_machine_may_call() {
    for origin in [
        "http://localhost:3000",
        "https://localhost",
        "http://127.0.0.1:5173",
        "http://127.1.2.3",
        "http://[::1]:8080",
        "http://app.localhost:3000",
        "http://site.s3-website.localhost.localstack.cloud:4566",
    ] {
        for kind in [UNSIGNED, SIGNED, Kind::Open] {
            assert_eq!(
                check(kind, &[("origin", origin), ("sec-fetch-site", "same-site")]),
                Ok(()),
                "{origin}"
            );
        }
        assert_eq!(check(Kind::Control, &[("origin", origin), ("x-mesh", "1")]), Ok(()), "{origin}");
    }
    let own = [("host", "192.168.1.5:4566"), ("origin", "http://192.168.1.5:4566")];
    assert_eq!(check(UNSIGNED, &own), Ok(()), "our own origin");
}

#[test]
fn pages_of_other_origins_may_not_call() {
    for origin in [
        "https://evil.example",
        "null",
        "",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example:4566",
        "http://localhost@evil.example",
        "http://evil.example@localhost",
        "http://192.168.1.5:3000",
        "file://",
        "ftp://localhost",
        "localhost",
        "http://localhost/evil.example",
        "http://bucket.s3.amazonaws.com",
        "http://evil",
        "chrome-extension://abcdef",
        "http://localhost http://evil.example",
    ] {
        let refused = Err(Refusal::Origin(origin.to_owned()));
        assert_eq!(check(UNSIGNED, &[("origin", origin)]), refused, "{origin}");
        assert_eq!(
            check(SIGNED, &[("origin", origin), ("authorization", "AWS4-HMAC-SHA256 x")]),
            refused,
            "{origin}"
        );
        assert_eq!(check(Kind::Control, &[("origin", origin), ("x-mesh", "1")]), refused, "{origin}");
        assert_eq!(check(Kind::Open, &[("origin", origin)]), refused, "{origin}");
    }
    let two = [("origin", "http://localhost"), ("origin", "https://evil.example")];
    assert!(check(UNSIGNED, &two).is_err(), "one of two is foreign");
    assert_eq!(
        check(Kind::Page, &[("origin", "https://evil.example")]),
        Ok(()),
        "pages answer by their own rules"
    );
}

#[test]
fn what_a_page_of_elsewhere_has_a_browser_send_is_refused_unless_it_is_signed() {
    let guard = Guard::default();
    let image = |site: &str, target: &str, kind| {
        guard.check(&head("GET", target, &[("sec-fetch-site", site), ("sec-fetch-dest", "image")]), kind)
    };
    for site in ["cross-site", "same-site", "something-new"] {
        assert_eq!(
            image(site, "/?Action=DeleteQueue&QueueName=q", UNSIGNED),
            Err(Refusal::CrossSite),
            "{site}"
        );
        assert_eq!(image(site, "/_mesh/health", Kind::Open), Err(Refusal::CrossSite), "{site}");
    }
    for site in ["same-origin", "none"] {
        assert_eq!(image(site, "/?Action=ListQueues", UNSIGNED), Ok(()), "{site}");
    }
    let presigned = "X-Amz-Credential=a%2Fb&X-Amz-Signature=c";
    assert_eq!(
        image("cross-site", &format!("/bucket/cat.png?{presigned}"), SIGNED),
        Ok(()),
        "a presigned image"
    );
    for action in ["Action", "%41ction", "aCtion"] {
        let target = format!("/?{presigned}&{action}=DeleteQueue");
        assert_eq!(
            image("cross-site", &target, SIGNED),
            Err(Refusal::CrossSite),
            "anyone can write {target}"
        );
    }
    let post = head("POST", &format!("/?{presigned}"), &[("sec-fetch-site", "cross-site")]);
    assert_eq!(guard.check(&post, SIGNED), Err(Refusal::CrossSite));
    let signed = [("sec-fetch-site", "cross-site"), ("authorization", "AWS4-HMAC-SHA256 Credential=a")];
    assert_eq!(check(SIGNED, &signed), Ok(()), "a page cannot set this header without asking");
}

#[test]
fn the_control_plane_needs_its_header() {
    assert_eq!(check(Kind::Control, &[]), Err(Refusal::NoControlHeader));
    assert_eq!(check(Kind::Control, &[("x-mesh", "1")]), Ok(()));
    assert_eq!(check(Kind::Open, &[]), Ok(()));
}

#[test]
fn with_a_token_everything_but_the_health_needs_it() {
    let guard = with_token();
    let checked = |kind, target, headers: &[(&str, &str)]| guard.check(&head("POST", target, headers), kind);
    let aws = ("authorization", "AWS4-HMAC-SHA256 Credential=test/x");
    assert_eq!(checked(Kind::Open, "/", &[]), Ok(()));
    assert_eq!(checked(UNSIGNED, "/", &[]), Err(Refusal::NoToken));
    assert_eq!(checked(SIGNED, "/", &[aws]), Err(Refusal::NoToken));
    assert_eq!(checked(SIGNED, "/", &[aws, ("x-amz-security-token", "secret")]), Ok(()));
    assert_eq!(checked(SIGNED, "/", &[aws, ("x-amz-security-token", "secreT")]), Err(Refusal::WrongToken));
    assert_eq!(checked(SIGNED, "/", &[aws, ("x-amz-security-token", "secret1")]), Err(Refusal::WrongToken));
    assert_eq!(checked(SIGNED, "/b/k?X-Amz-Security-Token=secre%74", &[]), Ok(()));
    assert_eq!(checked(UNSIGNED, "/", &[("x-mesh-token", "secret")]), Ok(()));
    assert_eq!(checked(Kind::Control, "/", &[("x-mesh", "1"), ("authorization", "bearer secret")]), Ok(()));
    assert_eq!(checked(Kind::Control, "/", &[("x-mesh", "1"), ("x-mesh-token", "secret")]), Ok(()));
    assert_eq!(
        checked(Kind::Control, "/", &[("x-mesh", "1"), ("x-mesh-token", "")]),
        Err(Refusal::WrongToken)
    );
    let session = [("x-mesh", "1"), ("x-amz-security-token", "secret")];
    assert_eq!(checked(Kind::Control, "/", &session), Err(Refusal::NoToken), "functions have session tokens");
    assert_eq!(checked(Kind::Control, "/", &[("x-mesh-token", "secret")]), Err(Refusal::NoControlHeader));
}

#[test]
fn allowed_hosts_are_answered_and_their_pages_may_call() {
    let guard =
        Guard { allow_hosts: vec!["mesh.corp.example".to_owned(), ".lan".to_owned()], ..Guard::default() };
    let checked = |headers: &[(&str, &str)]| guard.check(&head("POST", "/", headers), UNSIGNED);
    assert_eq!(
        checked(&[("host", "Mesh.Corp.Example.:4566"), ("origin", "https://mesh.corp.example")]),
        Ok(())
    );
    assert_eq!(checked(&[("host", "a.b.lan"), ("origin", "http://other.lan:1")]), Ok(()));
    assert!(checked(&[("host", "other.corp.example")]).is_err());
    assert!(checked(&[("origin", "http://evillan")]).is_err());
}

#[test]
fn a_refusal_is_answered_403_and_says_what_to_do() {
    let answer = Refusal::Host("Evil.example:4566".to_owned()).answer();
    assert_eq!(answer.status(), 403);
    let body: serde_json::Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert!(
        body["error"].as_str().is_some_and(|said| said.ends_with("--allow-host evil.example.")),
        "{body}"
    );
    assert_eq!(body["error"], body["message"]);
    assert!(Refusal::Origin("null".to_owned()).to_string().contains("--allow-host NAME"));
}

#[test]
fn a_preflight_is_answered_for_origins_that_are_let_in_and_refused_for_others() {
    let guard = with_token();
    let asked = |method, headers: &[(&str, &str)]| guard.preflight(&head(method, "/", headers));
    let wanted = ("access-control-request-headers", "authorization,x-amz-target");
    let local = [("origin", "http://localhost:3000"), ("access-control-request-method", "POST"), wanted];
    let answer = asked("OPTIONS", &local).expect("a preflight");
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    assert_eq!(answer.status(), 204);
    assert_eq!(header("access-control-allow-origin"), Some("http://localhost:3000"));
    assert_eq!(header("access-control-allow-headers"), Some("authorization,x-amz-target"));
    assert_eq!(header("vary"), Some("Origin"));
    assert_eq!(header("access-control-allow-private-network"), None);
    for origin in ["https://evil.example", "null"] {
        let answer = asked("OPTIONS", &[("origin", origin), ("access-control-request-method", "GET")])
            .expect("a preflight");
        assert_eq!(answer.status(), 403, "{origin}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
    let rebound = [
        ("host", "evil.example"),
        ("origin", "http://evil.example"),
        ("access-control-request-method", "GET"),
    ];
    assert_eq!(asked("OPTIONS", &rebound).map(|answer| answer.status().as_u16()), Some(403));
    assert!(asked("POST", &local).is_none() && asked("OPTIONS", &[("origin", "http://localhost")]).is_none());
}

#[test]
fn answers_to_pages_that_are_let_in_can_be_read_by_them() {
    let guard = Guard::default();
    let mut headers = HeaderMap::new();
    let cors = guard.cors(&head("POST", "/", &[("origin", "http://localhost:3000")])).expect("a local page");
    cors.apply(&mut headers);
    assert_eq!(
        headers.get("access-control-allow-origin").map(|value| value.as_bytes()),
        Some(&b"http://localhost:3000"[..])
    );
    let mut own = HeaderMap::from_iter([(
        http::header::ACCESS_CONTROL_ALLOW_ORIGIN,
        http::HeaderValue::from_static("*"),
    )]);
    cors.apply(&mut own);
    assert_eq!(own.len(), 1, "an answer that says it itself is left as it is");
    assert!(guard.cors(&head("POST", "/", &[("origin", "null")])).is_none());
    assert!(guard.cors(&head("POST", "/", &[])).is_none());
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    assert!(guard.cors(&head("POST", "/", &rebound)).is_none());
}
