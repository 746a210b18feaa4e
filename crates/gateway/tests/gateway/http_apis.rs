//! Requests to HTTP APIs.

use crate::bed::{Sent, arn, call, event, get, header, line, register, send, text};
use expect_test::expect;
use mesh_testkit::TestBed;
use serde_json::{Value, json};

/// An HTTP API under test.
struct Api {
    bed: TestBed,
    id: String,
}

impl Api {
    fn new(more: Value) -> Self {
        let bed = TestBed::new(register);
        let mut input = json!({"Name": "n", "ProtocolType": "HTTP"});
        input.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        let id = text(&call(&bed, "apigatewayv2", "CreateApi", &input), "apiId");
        Self { bed, id }
    }

    fn call(&self, operation: &str, mut input: Value) -> Value {
        input["ApiId"] = self.id.clone().into();
        call(&self.bed, "apigatewayv2", operation, &input)
    }

    fn stage(&self, name: &str) {
        self.call("CreateStage", json!({"StageName": name, "AutoDeploy": true}));
    }

    fn route(&self, key: &str, function: &str, format: &str) -> String {
        let integration = json!({"IntegrationType": "AWS_PROXY", "IntegrationUri": arn(function), "PayloadFormatVersion": format});
        let integration = text(&self.call("CreateIntegration", integration), "integrationId");
        let route = json!({"RouteKey": key, "Target": format!("integrations/{integration}")});
        text(&self.call("CreateRoute", route), "routeId")
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}.execute-api.localhost:4566{path}", self.id)
    }

    fn get(&self, path: &str) -> String {
        line(&get(&self.bed, &self.url(path)))
    }
}

#[test]
fn a_function_is_given_an_event_of_format_2() {
    let api = Api::new(json!({}));
    api.stage("dev");
    api.route("POST /pets/{id}/{rest+}", "echo", "2.0");
    let answer = send(
        &api.bed,
        Sent {
            method: "POST",
            url: &api.url("/dev/pets/a%20b/c//d/?x=1&x=2&y=a%20b+c&z"),
            headers: &[
                ("content-type", "application/json"),
                ("cookie", "a=1; b=2"),
                ("x-many", "1"),
                ("x-many", "2"),
                ("user-agent", "agent"),
                ("x-amzn-trace-id", "Root=1-00000000-000000000000000000000000"),
            ],
            body: "{\"hello\": 1}",
        },
    );
    assert_eq!(
        header(&answer, "apigw-requestid"),
        serde_json::from_slice::<Value>(answer.body()).expect("JSON")["requestContext"]["requestId"]
    );
    expect![[r#"
        {
          "body": "{\"hello\": 1}",
          "cookies": [
            "a=1",
            "b=2"
          ],
          "headers": {
            "content-length": "12",
            "content-type": "application/json",
            "host": "API.execute-api.localhost:4566",
            "user-agent": "agent",
            "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "4566",
            "x-forwarded-proto": "http",
            "x-many": "1,2"
          },
          "isBase64Encoded": false,
          "pathParameters": {
            "id": "a b",
            "rest": "c//d/"
          },
          "queryStringParameters": {
            "x": "1,2",
            "y": "a b c",
            "z": ""
          },
          "rawPath": "/dev/pets/a b/c//d/",
          "rawQueryString": "x=1&x=2&y=a%20b+c&z",
          "requestContext": {
            "accountId": "000000000000",
            "apiId": "API",
            "domainName": "API.execute-api.localhost:4566",
            "domainPrefix": "API",
            "http": {
              "method": "POST",
              "path": "/dev/pets/a b/c//d/",
              "protocol": "HTTP/1.1",
              "sourceIp": "127.0.0.1",
              "userAgent": "agent"
            },
            "requestId": "5U33qRne5h0RIAc=",
            "routeKey": "POST /pets/{id}/{rest+}",
            "stage": "dev",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000
          },
          "routeKey": "POST /pets/{id}/{rest+}",
          "version": "2.0"
        }"#]]
    .assert_eq(&event(&answer, &api.id));
}

#[test]
fn what_is_absent_is_left_out_of_format_2() {
    let api = Api::new(json!({"Target": arn("echo")}));
    let answer = get(&api.bed, &api.url("/"));
    let told: Value = serde_json::from_slice(answer.body()).expect("JSON");
    for member in ["cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"] {
        assert!(told.get(member).is_none(), "{member}: {told}");
    }
    assert_eq!(
        (&told["rawPath"], &told["rawQueryString"], &told["routeKey"]),
        (&json!("/"), &json!(""), &json!("$default"))
    );
    assert_eq!(told["requestContext"]["stage"], "$default");
}

#[test]
fn a_function_is_given_an_event_of_format_1() {
    let api = Api::new(json!({}));
    api.call(
        "CreateStage",
        json!({"StageName": "$default", "AutoDeploy": true, "StageVariables": {"v": "1"}}),
    );
    api.route("ANY /pets/{id}", "echo", "1.0");
    let url = api.url("/pets/7?x=1&x=2");
    let trace = ("x-amzn-trace-id", "Root=1-00000000-000000000000000000000000");
    let sent =
        Sent { method: "PUT", url: &url, headers: &[("content-type", "image/png"), trace], body: "bytes" };
    expect![[r#"
        {
          "body": "Ynl0ZXM=",
          "headers": {
            "Content-Length": "5",
            "Content-Type": "image/png",
            "Host": "API.execute-api.localhost:4566",
            "X-Amzn-Trace-Id": "Root=1-00000000-000000000000000000000000",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "4566",
            "X-Forwarded-Proto": "http"
          },
          "httpMethod": "PUT",
          "isBase64Encoded": true,
          "multiValueHeaders": {
            "Content-Length": [
              "5"
            ],
            "Content-Type": [
              "image/png"
            ],
            "Host": [
              "API.execute-api.localhost:4566"
            ],
            "X-Amzn-Trace-Id": [
              "Root=1-00000000-000000000000000000000000"
            ],
            "X-Forwarded-For": [
              "127.0.0.1"
            ],
            "X-Forwarded-Port": [
              "4566"
            ],
            "X-Forwarded-Proto": [
              "http"
            ]
          },
          "multiValueQueryStringParameters": {
            "x": [
              "1",
              "2"
            ]
          },
          "path": "/pets/7",
          "pathParameters": {
            "id": "7"
          },
          "queryStringParameters": {
            "x": "2"
          },
          "requestContext": {
            "accountId": "000000000000",
            "apiId": "API",
            "domainName": "API.execute-api.localhost:4566",
            "domainPrefix": "API",
            "extendedRequestId": "5U33qRne5h0RIAc=",
            "httpMethod": "PUT",
            "identity": {
              "accessKey": null,
              "accountId": null,
              "caller": null,
              "cognitoAmr": null,
              "cognitoAuthenticationProvider": null,
              "cognitoAuthenticationType": null,
              "cognitoIdentityId": null,
              "cognitoIdentityPoolId": null,
              "principalOrgId": null,
              "sourceIp": "127.0.0.1",
              "user": null,
              "userAgent": null,
              "userArn": null
            },
            "path": "/pets/7",
            "protocol": "HTTP/1.1",
            "requestId": "5U33qRne5h0RIAc=",
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "requestTimeEpoch": 1767225600000,
            "resourceId": "ANY /pets/{id}",
            "resourcePath": "/pets/{id}",
            "stage": "$default"
          },
          "resource": "/pets/{id}",
          "stageVariables": {
            "v": "1"
          },
          "version": "1.0"
        }"#]]
    .assert_eq(&event(&send(&api.bed, sent), &api.id));
}

#[test]
fn routes_are_found_by_path_then_method_and_the_default_is_last() {
    let api = Api::new(json!({}));
    api.stage("$default");
    assert_eq!(api.get("/"), "404 application/json {\"message\":\"Not Found\"}");
    for key in ["$default", "ANY /a/{x}", "GET /a/{proxy+}", "GET /a/b"] {
        api.route(key, "echo", "2.0");
    }
    let route = |method, path: &str| {
        let answer = send(&api.bed, Sent { method, url: &api.url(path), headers: &[], body: "" });
        serde_json::from_slice::<Value>(answer.body()).expect("JSON")["routeKey"]
            .as_str()
            .map(str::to_owned)
            .expect("a key")
    };
    assert_eq!(route("GET", "/a/b"), "GET /a/b");
    assert_eq!(route("POST", "/a/b"), "ANY /a/{x}");
    assert_eq!(route("GET", "/a/b/c"), "GET /a/{proxy+}");
    assert_eq!(route("GET", "/a/b/"), "GET /a/{proxy+}");
    assert_eq!(route("GET", "/elsewhere"), "$default");
}

#[test]
fn a_stage_that_deploys_by_itself_follows_and_another_stands() {
    let api = Api::new(json!({}));
    api.stage("live");
    let route = api.route("GET /a", "echo", "2.0");
    let deployment = text(&api.call("CreateDeployment", json!({"Description": "one"})), "deploymentId");
    api.call("CreateStage", json!({"StageName": "fixed", "DeploymentId": deployment}));
    api.call("DeleteRoute", json!({"RouteId": route}));
    api.route("GET /b", "echo", "2.0");
    let found = |path| api.get(path).starts_with("200");
    assert_eq!(
        (found("/live/a"), found("/live/b"), found("/fixed/a"), found("/fixed/b")),
        (false, true, true, false)
    );
    assert_eq!(api.get("/other/a"), "404 application/json {\"message\":\"Not Found\"}");
}

#[test]
fn an_api_is_reached_by_host_and_by_the_path_of_its_endpoint() {
    let api = Api::new(json!({}));
    api.stage("$default");
    api.stage("dev");
    api.route("GET /{p}", "echo", "2.0");
    let endpoint = text(&api.call("GetApi", json!({})), "apiEndpoint");
    let told = |url: &str| {
        let event: Value = serde_json::from_slice(get(&api.bed, url).body()).expect("JSON");
        (event["requestContext"]["stage"].to_string(), event["rawPath"].to_string())
    };
    let is = |stage: &str, path: &str| (format!("\"{stage}\""), format!("\"{path}\""));
    assert_eq!(told(&api.url("/dev/x")), is("dev", "/dev/x"));
    assert_eq!(told(&api.url("/x")), is("$default", "/x"));
    assert_eq!(told(&format!("{endpoint}/dev/x")), is("dev", "/dev/x"));
    assert_eq!(told(&format!("{endpoint}/x")), is("$default", "/x"));
    assert_eq!(told(&format!("{endpoint}/$default/x")), is("$default", "/x"));
    assert_eq!(
        told(&format!("http://localhost/restapis/{}/dev/_user_request_/x", api.id)),
        is("dev", "/dev/x")
    );
}

#[test]
fn what_goes_wrong_is_said_in_the_words_of_http_apis() {
    let api = Api::new(json!({}));
    api.stage("$default");
    for (key, function) in
        [("GET /fails", "fails"), ("GET /locked", "locked"), ("GET /gone", "gone"), ("GET /shut", "picky")]
    {
        api.route(key, function, "2.0");
    }
    api.route("GET /wrong", "wrong", "1.0");
    api.call("CreateRoute", json!({"RouteKey": "GET /nothing"}));
    api.call("CreateRoute", json!({"RouteKey": "GET /signed", "AuthorizationType": "AWS_IAM"}));
    let internal = "500 application/json {\"message\":\"Internal Server Error\"}";
    for path in ["/fails", "/locked", "/gone", "/wrong", "/nothing", "/shut"] {
        assert_eq!(api.get(path), internal, "{path}");
    }
    assert_eq!(api.get("/signed"), "403 application/json {\"message\":\"Forbidden\"}");
}

#[test]
fn a_function_is_called_for_its_route_or_with_a_role() {
    let api = Api::new(json!({}));
    api.stage("$default");
    api.route("GET /open", "picky", "2.0");
    let integration = json!({
        "IntegrationType": "AWS_PROXY", "IntegrationUri": arn("locked"), "PayloadFormatVersion": "2.0",
        "CredentialsArn": "arn:aws:iam::000000000000:role/r",
    });
    let integration = text(&api.call("CreateIntegration", integration), "integrationId");
    api.call(
        "CreateRoute",
        json!({"RouteKey": "GET /role", "Target": format!("integrations/{integration}")}),
    );
    for path in ["/open", "/role"] {
        assert_eq!(api.get(path), "200 text/plain;charset=UTF-8 let in", "{path}");
    }
}

#[test]
fn a_late_function_is_unavailable() {
    let api = Api::new(json!({}));
    api.stage("$default");
    let integration = json!({
        "IntegrationType": "AWS_PROXY", "IntegrationUri": arn("slow"), "PayloadFormatVersion": "2.0", "TimeoutInMillis": 50,
    });
    let integration = text(&api.call("CreateIntegration", integration), "integrationId");
    api.call(
        "CreateRoute",
        json!({"RouteKey": "GET /slow", "Target": format!("integrations/{integration}")}),
    );
    assert_eq!(api.get("/slow"), "503 application/json {\"message\":\"Service Unavailable\"}");
}

#[test]
fn a_server_that_cannot_be_reached_is_unavailable() {
    let api = Api::new(json!({"Target": "http://localhost:1/"}));
    assert_eq!(api.get("/x"), "503 application/json {\"message\":\"Service Unavailable\"}");
}

#[test]
fn the_api_answers_pages_of_other_origins_by_its_own_rules() {
    let cors = json!({
        "allowOrigins": ["https://a.example"], "allowMethods": ["GET", "POST"], "allowHeaders": ["x-a"],
        "exposeHeaders": ["x-b"], "maxAge": 60, "allowCredentials": true,
    });
    let api = Api::new(json!({"Target": arn("echo"), "CorsConfiguration": cors}));
    let ask = |method, origin| {
        let headers = [("origin", origin), ("access-control-request-method", "GET")];
        send(&api.bed, Sent { method, url: &api.url("/x"), headers: &headers, body: "" })
    };
    let preflight = ask("OPTIONS", "https://a.example");
    assert_eq!(preflight.status(), 204);
    let names = ["origin", "methods", "headers", "credentials"]
        .map(|name| header(&preflight, &format!("access-control-allow-{name}")).to_owned());
    assert_eq!(names, ["https://a.example", "GET,POST", "x-a", "true"]);
    assert_eq!(
        (header(&preflight, "access-control-max-age"), header(&preflight, "access-control-expose-headers")),
        ("60", "x-b")
    );
    let foreign = ask("OPTIONS", "https://b.example");
    assert_eq!((foreign.status().as_u16(), header(&foreign, "access-control-allow-origin")), (204, "-"));
    let answered = ask("GET", "https://a.example");
    assert_eq!(
        (answered.status().as_u16(), header(&answered, "access-control-allow-origin")),
        (200, "https://a.example")
    );
}

#[test]
fn a_deleted_api_answers_no_more() {
    let api = Api::new(json!({"Target": arn("echo")}));
    assert!(api.get("/").starts_with("200"));
    api.call("DeleteApi", json!({}));
    assert_eq!(api.get("/"), "403 application/json {\"message\":\"Forbidden\"}");
}

#[test]
fn an_unsigned_request_finds_the_account_and_region_of_the_api() {
    let bed = TestBed::new(register);
    bed.set_account("111111111111");
    bed.set_region("eu-west-1");
    let function = "arn:aws:lambda:us-east-1:000000000000:function:echo";
    let input = json!({"Name": "n", "ProtocolType": "HTTP", "Target": function, "CredentialsArn": "arn:aws:iam::111111111111:role/r"});
    let id = text(&call(&bed, "apigatewayv2", "CreateApi", &input), "apiId");
    bed.set_account("000000000000");
    bed.set_region("us-east-1");
    let answer = get(&bed, &format!("http://{id}.execute-api.localhost/"));
    let event: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert_eq!(event["requestContext"]["accountId"], "111111111111");
}
