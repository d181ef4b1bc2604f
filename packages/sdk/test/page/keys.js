const worker = new Worker(new URL("keys-worker.js", import.meta.url), { type: "module" });

export const keys = (password, offer) =>
  new Promise((resolve, reject) => {
    const { port1: here, port2: there } = new MessageChannel();
    here.onmessage = ({ data }) => (data.keys ? resolve(data.keys) : reject(new Error(data.problem)));
    worker.postMessage({ password, offer }, [there]);
  });
