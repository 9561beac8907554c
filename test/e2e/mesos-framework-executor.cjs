// An executor made with the npm package `mesos-framework`, as its README shows: runs no process, and says what it was told.
const { Executor } = require("mesos-framework");
const { randomBytes } = require("node:crypto");

function tell(executor, taskId, state) {
  executor.update({
    task_id: { value: taskId },
    executor_id: { value: process.env.MESOS_EXECUTOR_ID },
    source: "SOURCE_EXECUTOR",
    state,
    uuid: randomBytes(16).toString("base64"),
  });
}

const executor = new Executor({
  handlers: {
    // The package calls handlers with one argument only, and by these names.
    SUBSCRIBED: (_subscribed) => {},
    LAUNCH: function (launch) {
      tell(this, launch.task.task_id.value, "TASK_RUNNING");
      this.message(`running ${launch.task.name}`);
    },
    KILL: function (kill) {
      tell(this, kill.task_id.value, "TASK_KILLED");
    },
    ACKNOWLEDGED: (_acknowledged) => {},
    MESSAGE: function (message) {
      this.message(`echo ${Buffer.from(message.data, "base64")}`);
    },
    ERROR: (_error) => {},
    SHUTDOWN: (_shutdown) => {
      process.exit(0);
    },
  },
});

executor.on("error", (error) => console.error(error));
executor.subscribe();
