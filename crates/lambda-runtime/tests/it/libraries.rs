//! Libraries that interpreters lack.

use crate::rig::{Rig, has, run};
use serde_json::json;
use std::fs;

#[test]
fn python_finds_installed_libraries_after_all_others() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        let code = "import fetched, json, sys\ndef handler(e, c):\n    return [fetched.NAME, sys.argv[1:], hasattr(json, 'NAME')]\n";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let failed = rig.invoke("f", "{}").await;
        assert_eq!(failed.payload["errorType"], json!("Runtime.ImportModuleError"));
        rig.install("python/fetched.py", "NAME = 'fetched'\n");
        rig.install("python/json.py", "NAME = 'hides the interpreter\\'s own'\n");
        assert_eq!(rig.invoke("f", "{}").await.payload, json!(["fetched", [], false]));
        rig.end().await;
    });
}

#[test]
fn node_finds_installed_libraries_from_modules_of_both_kinds() {
    if !has("node") {
        return;
    }
    run(async {
        let rig = Rig::new();
        rig.install("node/node_modules/fetched/package.json", r#"{"name": "fetched", "main": "index.js"}"#);
        rig.install("node/node_modules/fetched/index.js", "exports.name = 'fetched';\n");
        let common = "const { name } = require('fetched');\nexports.handler = async () => name;\n";
        rig.create("common", "nodejs20.x", "index.handler", &[("index.js", common)]).await;
        assert_eq!(rig.invoke("common", "{}").await.payload, json!("fetched"));
        if rig.machine.platform.has_views() {
            let module = "import { name } from 'fetched';\nexport const handler = async () => name;\n";
            rig.create("module", "nodejs20.x", "index.handler", &[("index.mjs", module)]).await;
            assert_eq!(rig.invoke("module", "{}").await.payload, json!("fetched"));
        }
        let missing = "import '@aws-sdk/client-none';\nexport const handler = 1;\n";
        rig.create("missing", "nodejs20.x", "index.handler", &[("index.mjs", missing)]).await;
        let message = rig.invoke("missing", "{}").await.payload["errorMessage"].to_string();
        assert!(message.contains("mesh-local runtimes install node"), "{message}");
        rig.end().await;
    });
}

#[test]
fn an_import_of_boto3_that_fails_names_what_to_do() {
    if !has("python3") {
        return;
    }
    run(async {
        let rig = Rig::new();
        // as where there is none, whatever this machine has
        let code = "import sys\nsys.modules['boto3'] = None\nimport boto3\n";
        rig.create("f", "python3.11", "index.handler", &[("index.py", code)]).await;
        let message = rig.invoke("f", "{}").await.payload["errorMessage"].to_string();
        assert!(message.contains("mesh-local runtimes install python"), "{message}");
        assert!(fs::metadata(rig.libraries()).is_err(), "nothing is installed by itself");
        rig.end().await;
    });
}
