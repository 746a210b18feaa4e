// Uses what deploy.py has deployed with the AWS SDK for JavaScript: node javascript.mjs
//
// It puts one more queue and a function's mapping on the bus, with a filter on the message's body, and takes them away again.

import assert from "node:assert/strict";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ResourceConflictException,
} from "@aws-sdk/client-lambda";
import { CreateTopicCommand, InvalidParameterException, PublishBatchCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const lambda = new LambdaClient({});
const sns = new SNSClient({});
const sqs = new SQSClient({});

const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "orders" }));
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "large" }));
const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
const subscribe = (FilterPolicy) =>
  sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: Attributes.QueueArn,
      ReturnSubscriptionArn: true,
      Attributes: { FilterPolicyScope: "MessageBody", RawMessageDelivery: "true", FilterPolicy: JSON.stringify(FilterPolicy) },
    }),
  );
await assert.rejects(subscribe({ amount: [{ numeric: [">="] }] }), InvalidParameterException);
const { SubscriptionArn } = await subscribe({ amount: [{ numeric: [">=", 1000] }] });

const order = (id, amount) => ({ Id: id, Message: JSON.stringify({ id, amount }) });
const published = await sns.send(
  new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [order("small", 999.99), order("huge", 1000)] }),
);
assert.equal(published.Successful.length, 2);
const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10, MaxNumberOfMessages: 10 }));
assert.deepEqual(Messages.map((message) => JSON.parse(message.Body)), [{ id: "huge", amount: 1000 }]);

// a second mapping between the same two is refused, and one that is deleted is gone a moment later
const mapping = { FunctionName: "shipping", EventSourceArn: Attributes.QueueArn, Enabled: false };
const { UUID } = await lambda.send(new CreateEventSourceMappingCommand(mapping));
await assert.rejects(lambda.send(new CreateEventSourceMappingCommand(mapping)), ResourceConflictException);
assert.equal((await lambda.send(new GetEventSourceMappingCommand({ UUID }))).EventSourceArn, Attributes.QueueArn);
assert.equal((await lambda.send(new DeleteEventSourceMappingCommand({ UUID }))).State, "Deleting");

await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
await sqs.send(new DeleteQueueCommand({ QueueUrl }));
console.log("javascript: done");
