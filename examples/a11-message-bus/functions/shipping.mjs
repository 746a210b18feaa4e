// Ships orders: gets them from the queue `shipping`, which has only those whose attribute `kind` is `goods`, as they were
// published. What it prints is its work, and can be read in its log.

export const handler = async (event) => {
  for (const { body, messageAttributes } of event.Records) {
    const order = JSON.parse(body);
    console.log("SHIPPED " + JSON.stringify({ order: order.id, kind: messageAttributes.kind.stringValue }));
  }
};
