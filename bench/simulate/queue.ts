/** A message: events that travel together. */
export interface Message {
  readonly events: number;
  /** When they were offered to a publisher. */
  readonly offeredAtSeconds: number;
}

/** Messages that wait, in order. */
export class Queue {
  private items: Message[] = [];
  private head = 0;
  private waiting = 0;

  get messages(): number {
    return this.items.length - this.head;
  }

  get events(): number {
    return this.waiting;
  }

  push(message: Message): void {
    this.items.push(message);
    this.waiting += message.events;
  }

  /** Takes the oldest, at most so many. */
  take(most: number): Message[] {
    const taken = this.items.slice(this.head, this.head + most);
    this.head += taken.length;
    this.waiting -= eventsOf(taken);
    // Emptied now and then: shifting each message would cost the length of the queue.
    if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return taken;
  }

  /** Puts messages back in front of all others. */
  putBack(messages: readonly Message[]): void {
    this.items = [...messages, ...this.items.slice(this.head)];
    this.head = 0;
    this.waiting += eventsOf(messages);
  }
}

export function eventsOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { events }) => sum + events, 0);
}
