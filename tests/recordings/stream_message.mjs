// The message that the SDK itself builds from a stream, chunk by chunk: `readUIMessageStream`.

/** The chunks of a stream's text; the SDK's own reader of events is inside its transport. */
const chunks = (stream) =>
  stream.split("\n\n").filter((event) => event.startsWith("data: {")).map((event) => JSON.parse(event.slice("data: ".length)));

/** The last message that `readUIMessageStream` gives; `base` is the message that the stream goes on with. */
export async function messageOf(sdk, stream, base) {
  const { readUIMessageStream } = sdk.ai;
  let last = base;
  for await (const message of readUIMessageStream({ message: base, stream: readable(chunks(stream)), onError: () => {} })) {
    last = message;
  }
  return last;
}

const readable = (values) =>
  new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });
