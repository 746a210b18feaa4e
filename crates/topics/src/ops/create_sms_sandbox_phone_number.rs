//! CreateSMSSandboxPhoneNumber: sends a password to a number, to see whose it is.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateSMSSandboxPhoneNumber.html>
//! Done: PhoneNumber LanguageCode
//! Stored: -
//! Refused: -
//! Deviates: whatever the LanguageCode, the password is sent in English, to where sent messages are looked at

use crate::domain::Content;
use crate::domain::failure::HasOptedOut;
use crate::state::notification::Notification;
use crate::state::sent::{self, Sent, SentMessage};
use crate::state::texting::{SandboxNumber, key};
use mesh_models::sns::{
    CreateSMSSandboxPhoneNumberError, CreateSMSSandboxPhoneNumberInput, CreateSMSSandboxPhoneNumberOutput,
};
use mesh_router::Context;
use smol_str::{SmolStr, format_smolstr};

pub(crate) async fn run(
    cx: &Context,
    input: CreateSMSSandboxPhoneNumberInput,
) -> Result<CreateSMSSandboxPhoneNumberOutput, CreateSMSSandboxPhoneNumberError> {
    let CreateSMSSandboxPhoneNumberInput { phone_number, language_code: _ } = input;
    let number = SmolStr::new(phone_number.unwrap_or_default());
    cx.write(&key(cx), |state, tx| {
        if state.opted_out.get(&number).is_some() {
            return Err(CreateSMSSandboxPhoneNumberError::from(HasOptedOut));
        }
        let password = format_smolstr!("{:06}", tx.draw().below(1_000_000));
        let body = format!("Your verification code is {password}.");
        let notification = Notification::of_text(Content::Same(body.as_str().into()), tx);
        let (protocol, to) = (SmolStr::new_static("sms"), number.clone());
        let message = SentMessage { protocol, to, subscription: None, notification, body };
        tx.on(&sent::key_of(cx.account(), cx.region()), |sent: &mut Sent, _| sent.keep(message))?;
        state.sandbox.insert(number.clone(), SandboxNumber { password: Some(password) });
        Ok(())
    })?;
    Ok(CreateSMSSandboxPhoneNumberOutput {})
}
