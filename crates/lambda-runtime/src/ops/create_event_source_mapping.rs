//! CreateEventSourceMapping: has a function get the messages of a queue.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html>
//! Done: EventSourceArn FunctionName Enabled BatchSize FilterCriteria ScalingConfig MaximumBatchingWindowInSeconds FunctionResponseTypes
//! Stored: KMSKeyArn MetricsConfig Tags
//! Refused: LoggingConfig ParallelizationFactor StartingPosition StartingPositionTimestamp DestinationConfig MaximumRecordAgeInSeconds BisectBatchOnFunctionError MaximumRetryAttempts TumblingWindowInSeconds Topics Queues SourceAccessConfigurations SelfManagedEventSource AmazonManagedKafkaEventSourceConfig SelfManagedKafkaEventSourceConfig DocumentDBEventSourceConfig ProvisionedPollerConfig
//! Deviates: of event sources only SQS queues are served; the role is not asked whether it may receive; a deleted function or queue leaves the mapping Enabled, and it goes on when there is one again

use super::{checked_tags, mapped_function};
use crate::domain::failure::{InvalidParameter, NotServed};
use crate::domain::{FunctionAddress, Mapping};
use crate::mapping::Source;
use crate::shapes::{DescribedMapping, MappingMembers, refuse, unsupported};
use crate::state::mappings;
use mesh_models::lambda::{
    CreateEventSourceMappingError, CreateEventSourceMappingInput, CreateEventSourceMappingOutput,
};
use mesh_router::Context;
use mesh_types::Arn;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateEventSourceMappingInput,
) -> Result<CreateEventSourceMappingOutput, CreateEventSourceMappingError> {
    let CreateEventSourceMappingInput {
        event_source_arn,
        function_name,
        enabled,
        batch_size,
        filter_criteria,
        kms_key_arn,
        metrics_config,
        logging_config,
        scaling_config,
        maximum_batching_window_in_seconds,
        parallelization_factor,
        starting_position,
        starting_position_timestamp,
        destination_config,
        maximum_record_age_in_seconds,
        bisect_batch_on_function_error,
        maximum_retry_attempts,
        tags,
        tumbling_window_in_seconds,
        topics,
        queues,
        source_access_configurations,
        self_managed_event_source,
        function_response_types,
        amazon_managed_kafka_event_source_config,
        self_managed_kafka_event_source_config,
        document_db_event_source_config,
        provisioned_poller_config,
    } = input;
    let name = function_name.unwrap_or_default();
    let function = FunctionAddress::parse::<CreateEventSourceMappingError>(cx, &name, None)?;
    refuse(
        self_managed_event_source.as_ref(),
        "SelfManagedEventSource yet: of event sources only SQS queues",
    )?;
    let queue = event_source(event_source_arn.as_deref().unwrap_or_default())?;
    if starting_position.is_some() || starting_position_timestamp.is_some() {
        let sentence = "StartingPosition is not valid for SQS event sources.".to_owned();
        return Err(InvalidParameter { sentence }.into());
    }
    unsupported(topics.as_ref(), "Topics")?;
    unsupported(queues.as_ref(), "Queues")?;
    let members = MappingMembers {
        enabled,
        batch_size,
        filter_criteria,
        kms_key_arn,
        metrics_config,
        logging_config,
        scaling_config,
        maximum_batching_window_in_seconds,
        parallelization_factor,
        destination_config,
        maximum_record_age_in_seconds,
        bisect_batch_on_function_error,
        maximum_retry_attempts,
        tumbling_window_in_seconds,
        source_access_configurations,
        function_response_types,
        amazon_managed_kafka_event_source_config,
        self_managed_kafka_event_source_config,
        document_db_event_source_config,
        provisioned_poller_config,
    };
    let change = members.check::<CreateEventSourceMappingError>()?;
    let tags = checked_tags(tags.unwrap_or_default())?;
    let mut mapping = Mapping::new(SmolStr::new(queue.to_string()), function.qualified_arn().into(), tags);
    mapping.apply(change)?;
    let timeout = mapped_function::<CreateEventSourceMappingError>(cx, &function)?;
    let source = Source::find(cx, &queue).await.map_err(|error| InvalidParameter {
        sentence: format!(
            "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
            error.meta().query_code,
            error.message()
        ),
    })?;
    source.suits(timeout)?;
    let place = mappings::key_of(function.key.account(), function.key.region());
    let (id, mapping) = cx.write(&place, |mappings, tx| {
        Ok::<_, CreateEventSourceMappingError>(mappings.create(mapping.clone(), function.name(), tx)?)
    })?;
    Ok(DescribedMapping { account: place.account(), region: place.region(), id, mapping: &mapping }.into())
}

/// The queue that an event source's ARN names.
fn event_source(text: &str) -> Result<Arn, CreateEventSourceMappingError> {
    let unknown = || InvalidParameter { sentence: "Unrecognized event source.".to_owned() };
    let arn = Arn::parse(text).map_err(|_| unknown())?;
    match arn.service.as_str() {
        "sqs" => Ok(arn),
        "dynamodb" | "kinesis" | "kafka" | "mq" | "rds" => {
            Err(NotServed { what: "this event source yet: of event sources only SQS queues" }.into())
        }
        _ => Err(unknown().into()),
    }
}
