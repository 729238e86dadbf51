// From a message of the engine to the event it is, if any: one function for each kind of object.
import type { AuditEvent } from '@audit/core';
import { containerEvent } from './containers.ts';
import { execEvent } from './execs.ts';
import { imageEvent, networkEvent, volumeEvent } from './objects.ts';
import type { Reading, Scene } from './scene.ts';

/** Also notes in the inventory what the message says. Never rejects. */
export async function translate(reading: Reading, scene: Scene): Promise<AuditEvent | undefined> {
  const { message } = reading;
  switch (message.type) {
    case 'container':
      // Without an id it is about many: `prune`, whose containers each have a message of their own.
      if (message.id === '') return undefined;
      return message.action.startsWith('exec_') ? execEvent(reading, scene) : containerEvent(reading, scene);
    case 'image':
      return imageEvent(reading, scene);
    case 'network':
      return networkEvent(reading, scene);
    case 'volume':
      return volumeEvent(reading, scene);
    default:
      return undefined;
  }
}
