//! Requests to REST APIs.

use crate::bed::{Sent, arn, call, event, get, header, line, register, send, text};
use expect_test::expect;
use mesh_testkit::TestBed;
use serde_json::{Value, json};

/// A REST API under test.
struct Api {
    bed: TestBed,
    id: String,
    root: String,
}

fn uri(function: &str) -> String {
    format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations", arn(function))
}

fn lambda(function: &str) -> Value {
    json!({"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri(function)})
}

impl Api {
    fn new(more: Value) -> Self {
        let bed = TestBed::new(register);
        let mut input = json!({"name": "n"});
        input.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        let api = call(&bed, "apigateway", "CreateRestApi", &input);
        Self { id: text(&api, "id"), root: text(&api, "rootResourceId"), bed }
    }

    fn call(&self, operation: &str, mut input: Value) -> Value {
        input["restApiId"] = self.id.clone().into();
        call(&self.bed, "apigateway", operation, &input)
    }

    fn resource(&self, parent: &str, part: &str) -> String {
        text(&self.call("CreateResource", json!({"parentId": parent, "pathPart": part})), "id")
    }

    fn method(&self, resource: &str, http_method: &str, mut integration: Value) {
        let method = json!({"resourceId": resource, "httpMethod": http_method});
        let mut put = method.clone();
        put["authorizationType"] = "NONE".into();
        self.call("PutMethod", put);
        integration
            .as_object_mut()
            .expect("an object")
            .extend(method.as_object().cloned().expect("an object"));
        self.call("PutIntegration", integration);
    }

    fn deploy(&self) {
        self.call("CreateDeployment", json!({"stageName": "dev", "variables": {"fn": "echo"}}));
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}.execute-api.localhost:4566/dev{path}", self.id)
    }

    fn get(&self, path: &str) -> String {
        line(&get(&self.bed, &self.url(path)))
    }
}

#[test]
fn a_function_is_given_the_event_of_a_rest_api() {
    let api = Api::new(json!({}));
    let pets = api.resource(&api.root, "{proxy+}");
    api.method(&pets, "ANY", lambda("echo"));
    api.deploy();
    let url = api.url("//pets/a%2Bb//c/?category=electronics&category=books&plus=a+b");
    let headers = [
        ("content-type", "application/json"),
        ("user-agent", "agent"),
        ("x-many", "1"),
        ("x-many", "2"),
        ("x-amzn-trace-id", "Root=1-00000000-000000000000000000000000"),
    ];
    let answer = send(&api.bed, Sent { method: "POST", url: &url, headers: &headers, body: "{}" });
    expect![[r#"
        {
          "body": "{}",
          "headers": {
            "Content-Type": "application/json",
            "Host": "API.execute-api.localhost:4566",
            "User-Agent": "agent",
            "X-Amzn-Trace-Id": "Root=1-00000000-000000000000000000000000",
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Port": "4566",
            "X-Forwarded-Proto": "http",
            "X-Many": "2"
          },
          "httpMethod": "POST",
          "isBase64Encoded": false,
          "multiValueHeaders": {
            "Content-Type": [
              "application/json"
            ],
            "Host": [
              "API.execute-api.localhost:4566"
            ],
            "User-Agent": [
              "agent"
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
            ],
            "X-Many": [
              "1",
              "2"
            ]
          },
          "multiValueQueryStringParameters": {
            "category": [
              "electronics",
              "books"
            ],
            "plus": [
              "a b"
            ]
          },
          "path": "/pets/a%2Bb//c/",
          "pathParameters": {
            "proxy": "pets/a%2Bb//c"
          },
          "queryStringParameters": {
            "category": "books",
            "plus": "a b"
          },
          "requestContext": {
            "accountId": "000000000000",
            "apiId": "API",
            "deploymentId": "s1cq6q",
            "domainName": "API.execute-api.localhost:4566",
            "domainPrefix": "API",
            "extendedRequestId": "mkbzudH+JSFqiHM=",
            "httpMethod": "POST",
            "identity": {
              "accessKey": null,
              "accountId": null,
              "caller": null,
              "cognitoAuthenticationProvider": null,
              "cognitoAuthenticationType": null,
              "cognitoIdentityId": null,
              "cognitoIdentityPoolId": null,
              "principalOrgId": null,
              "sourceIp": "127.0.0.1",
              "user": null,
              "userAgent": "agent",
              "userArn": null
            },
            "path": "/dev//pets/a%2Bb//c/",
            "protocol": "HTTP/1.1",
            "requestId": "c3b6f5e9-499a-46f3-b9d1-fe25216a8873",
            "requestTime": "01/Jan/2026:00:00:00 +0000",
            "requestTimeEpoch": 1767225600000,
            "resourceId": "3l58an",
            "resourcePath": "/{proxy+}",
            "stage": "dev"
          },
          "resource": "/{proxy+}",
          "stageVariables": {
            "fn": "echo"
          }
        }"#]]
    .assert_eq(&event(&answer, &api.id));
}

#[test]
fn what_a_request_has_not_is_null_in_the_event() {
    let api = Api::new(json!({}));
    api.method(&api.root, "GET", lambda("echo"));
    api.call("CreateDeployment", json!({"stageName": "dev"}));
    let event: Value = serde_json::from_slice(get(&api.bed, &api.url("/")).body()).expect("JSON");
    for member in [
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    ] {
        assert_eq!(event.get(member), Some(&Value::Null), "{member}");
    }
    assert_eq!(
        (&event["path"], &event["resource"], &event["requestContext"]["path"]),
        (&json!("/"), &json!("/"), &json!("/dev/"))
    );
}

#[test]
fn a_mock_answers_by_status_code_pattern_and_parameters() {
    let api = Api::new(json!({}));
    api.method(
        &api.root,
        "OPTIONS",
        json!({"type": "MOCK", "requestTemplates": {"application/json": "{ statusCode: 204 }"}}),
    );
    let of = |mut input: Value| {
        input["resourceId"] = api.root.clone().into();
        input["httpMethod"] = "OPTIONS".into();
        input
    };
    let origin = "method.response.header.Access-Control-Allow-Origin";
    api.call("PutMethodResponse", of(json!({"statusCode": "204", "responseParameters": {origin: false}})));
    api.call(
        "PutIntegrationResponse",
        of(json!({"statusCode": "204", "responseParameters": {origin: "'*'"}, "selectionPattern": "20\\d"})),
    );
    api.call(
        "PutIntegrationResponse",
        of(json!({"statusCode": "500", "responseTemplates": {"text/plain": "never"}})),
    );
    api.method(
        &api.root,
        "GET",
        json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}}),
    );
    api.call(
        "PutIntegrationResponse",
        json!({"resourceId": api.root, "httpMethod": "GET", "statusCode": "200", "responseTemplates": {"application/json": "{\"a\": 1}"}}),
    );
    api.deploy();
    let url = api.url("/");
    let options = send(&api.bed, Sent { method: "OPTIONS", url: &url, headers: &[], body: "" });
    assert_eq!((options.status().as_u16(), header(&options, "access-control-allow-origin")), (204, "*"));
    assert_eq!(api.get("/"), "200 application/json {\"a\": 1}");
    let answer = get(&api.bed, &api.url("/"));
    assert!(header(&answer, "x-amzn-requestid").len() == 36 && header(&answer, "x-amz-apigw-id").len() == 16);
    let xml = [("content-type", "text/xml")];
    let unasked = send(&api.bed, Sent { method: "GET", url: &url, headers: &xml, body: "<a/>" });
    assert_eq!(unasked.status(), 500, "a body without a template passes, and is no JSON");
}

#[test]
fn what_goes_wrong_is_said_in_the_words_of_rest_apis() {
    let api = Api::new(json!({}));
    for function in ["fails", "wrong", "locked", "gone"] {
        let resource = api.resource(&api.root, function);
        api.method(&resource, "GET", lambda(function));
    }
    let slow = api.resource(&api.root, "slow");
    api.method(&slow, "GET", json!({"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri("slow"), "timeoutInMillis": 50}));
    let by_get = api.resource(&api.root, "by-get");
    api.method(
        &by_get,
        "GET",
        json!({"type": "AWS_PROXY", "integrationHttpMethod": "GET", "uri": uri("echo")}),
    );
    let away = api.resource(&api.root, "away");
    api.method(
        &away,
        "GET",
        json!({"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://localhost:1/"}),
    );
    let keyed = api.resource(&api.root, "keyed");
    api.call("PutMethod", json!({"resourceId": keyed, "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": true}));
    api.call("PutIntegration", json!({"resourceId": keyed, "httpMethod": "GET", "type": "MOCK"}));
    api.deploy();
    let said = |path: &str| {
        let answer = get(&api.bed, &api.url(path));
        let message: Value = serde_json::from_slice(answer.body()).expect("JSON");
        format!("{} {} {}", answer.status().as_u16(), message["message"], header(&answer, "x-amzn-errortype"))
    };
    let internal = "InternalServerErrorException";
    assert_eq!(said("/fails"), format!("502 \"Internal server error\" {internal}"));
    assert_eq!(said("/wrong"), format!("502 \"Internal server error\" {internal}"));
    assert_eq!(said("/locked"), format!("500 \"Internal server error\" {internal}"));
    assert_eq!(said("/gone"), format!("500 \"Internal server error\" {internal}"));
    assert_eq!(said("/by-get"), format!("500 \"Internal server error\" {internal}"));
    assert_eq!(said("/slow"), format!("504 \"Endpoint request timed out\" {internal}"));
    assert_eq!(said("/away"), format!("504 \"Network error communicating with endpoint\" {internal}"));
    assert_eq!(said("/keyed"), "403 \"Forbidden\" ForbiddenException");
    assert_eq!(said("/missing"), "403 \"Missing Authentication Token\" MissingAuthenticationTokenException");
    let elsewhere = get(&api.bed, &api.url("/").replace("/dev/", "/prod/"));
    assert_eq!(line(&elsewhere), "403 application/json {\"message\":\"Forbidden\"}");
}

#[test]
fn a_deployment_is_a_picture_and_stage_variables_name_the_function() {
    let api = Api::new(json!({}));
    let integration =
        json!({"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": uri("${stageVariables.fn}")});
    api.method(&api.root, "GET", integration);
    api.deploy();
    assert!(api.get("/").starts_with("200"));
    let later = api.resource(&api.root, "later");
    api.method(&later, "GET", lambda("echo"));
    assert!(api.get("/later").starts_with("403"));
    api.deploy();
    assert!(api.get("/later/").starts_with("200"));
    let qualified = api.resource(&api.root, "qualified");
    api.method(&qualified, "GET", lambda("qualified:live"));
    api.deploy();
    assert_eq!(api.get("/qualified"), "200 application/json live");
}

#[test]
fn bodies_of_binary_media_types_go_in_base64() {
    let api = Api::new(json!({"binaryMediaTypes": ["image/png"]}));
    api.method(&api.root, "POST", lambda("echo"));
    api.deploy();
    let body = |content_type| {
        let headers = [("content-type", content_type)];
        let answer =
            send(&api.bed, Sent { method: "POST", url: &api.url("/"), headers: &headers, body: "hi" });
        let event: Value = serde_json::from_slice(answer.body()).expect("JSON");
        (event["body"].to_string(), event["isBase64Encoded"].to_string())
    };
    assert_eq!(body("image/png"), ("\"aGk=\"".to_owned(), "true".to_owned()));
    assert_eq!(body("text/plain"), ("\"hi\"".to_owned(), "false".to_owned()));
}

#[test]
fn a_fork_serves_what_it_was_forked_with() {
    let api = Api::new(json!({}));
    api.method(&api.root, "GET", lambda("echo"));
    api.deploy();
    api.bed.fork("other");
    api.call("DeleteRestApi", json!({}));
    assert!(api.get("/").starts_with("403"));
    api.bed.enter("other");
    assert!(api.get("/").starts_with("200"));
}
