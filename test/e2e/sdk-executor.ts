// An executor written with the SDK: each task runs until it gets the message "finish".
import { connectExecutor } from "@meseta/sdk/executor/connect.ts";

const client = connectExecutor();
const tasks: string[] = [];

for await (const event of client.events()) {
  switch (event.type) {
    case "LAUNCH": {
      const { task_id } = event.launch!.task;
      tasks.push(task_id.value);
      await client.update({ task_id, state: "TASK_RUNNING" });
      break;
    }
    case "MESSAGE":
      await client.message(event.message!.data);
      for (const value of tasks.splice(0)) await client.update({ task_id: { value }, state: "TASK_FINISHED" });
      break;
    case "KILL":
      await client.update({ task_id: event.kill!.task_id, state: "TASK_KILLED" });
      break;
    case "SHUTDOWN":
      client.close();
      break;
  }
}
