/* The twin of capsule/compiler/parity/machine.py: does the same steps to the compiled models.
   A line of JSON [main.js, root's name, steps] in, a line of what came of each step out. */
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const SCOPE = 'parity.root';

class Machine {
    constructor(app, Root) {
        this.app = app;
        this.scope = new app.Scope(Root, SCOPE);
        this.events = [];
        this.followed = new Set();
        this.listen('.', this.scope.root);
    }

    run(steps) {
        return steps.map((step, index) => this.step(step, index + 1));
    }

    step(step, number) {
        const { Operation, Transaction, Verdict, ModelError } = this.app;
        const root = this.scope.root;
        this.follow(root);
        this.events = [];
        const recorder = new Transaction(root);
        const user = step.slice(3).filter((part) => typeof part === 'string').at(-1) ?? 'user';
        root.operation = new Operation(`user.client01.${number}`, user, 1000 + number);
        let answer;
        try {
            answer = this.do(step);
        } catch (error) {
            answer = { raised: error.name };
            if (error instanceof ModelError) {
                const { code, sentence, field = null } = error;
                Object.assign(answer, { code, sentence, field });
            }
        }
        root.operation = null;
        if (answer instanceof Verdict) {
            if (!answer.allowed) recorder.undo();
            answer = answer.toJSON();
        }
        recorder.stop();
        return { answer: answer ?? null, events: this.events, operations: recorder.operations, state: root.xport() };
    }

    do(step) {
        const [what, feed, key] = step;
        if (['add', 'safeAdd', 'remove', 'move'].includes(what)) {
            const collection = this.scope.collectionAt(feed);
            if (collection == null) return 'nobody';
            if (what === 'safeAdd') return collection.safeAdd(step[3], step[4], { id: key, ...step[5] });
            if (what === 'add') collection.add({ id: key, ...step[3] });
            else if (what === 'remove') collection.remove(key);
            else collection.moveItem(key, step[3]);
            return null;
        }
        const model = this.scope.modelAt(feed, key);
        if (model == null) return 'nobody';
        switch (what) {
            case 'set': return model.set(step[3], step[4]) === model;
            case 'unset': return model.unset(step[3]) === model;
            case 'toggle': return model.toggle(step[3]) === model;
            case 'setChild': return model[step[3]].set(step[4]) !== false;
            case 'safeSet': return model.safeSet(step[3], step[4]);
            case 'safeDelete': return model.safeDelete(step[3]);
            case 'safeMove': return model.safeMove(step[3], step[4]);
            default: return model.safeCall(step[3], step[4], step[5]);
        }
    }

    follow(model) {
        for (const collection of model.childCollections()) {
            if (!this.followed.has(collection)) {
                this.followed.add(collection);
                this.listen(collection.path, collection);
            }
            for (const one of collection.models) this.follow(one);
        }
    }

    listen(path, emitter) {
        emitter.on('all', (name, model) => this.events.push([path, name, model?.id ?? null]));
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const [main, name, steps] = JSON.parse(line);
    const app = await import(pathToFileURL(main));
    // Python has one None: an attribute that is not set reads as undefined here.
    const entries = JSON.stringify(new Machine(app, app[name]).run(steps), (key, value) => value ?? null);
    process.stdout.write(entries + '\n');
}
