// Images, networks and volumes: from the engine's message to our event.
import {
  type AuditEvent,
  type ContainerRef,
  imageDelete,
  imageImport,
  imagePull,
  imageTag,
  networkConnect,
  networkCreate,
  networkDestroy,
  networkDisconnect,
  volumeCreate,
  volumeDestroy,
  volumeMount,
} from '@audit/core';
import { type EngineMessage, messageKey } from '../stream/message.ts';
import { containerRef } from './containers.ts';
import { imagePush, imageSave, imageUntag } from './own-types.ts';
import { provenance } from './provenance.ts';
import type { Reading, Scene } from './scene.ts';

const IMAGES: Readonly<Record<string, typeof imagePull>> = {
  pull: imagePull,
  import: imageImport,
  load: imageImport,
  delete: imageDelete,
  tag: imageTag,
  untag: imageUntag,
  push: imagePush,
  save: imageSave,
};

/** Undefined where a message of this action is no entry. */
export function imageEvent({ message }: Reading, scene: Scene): AuditEvent | undefined {
  const construct = Object.hasOwn(IMAGES, message.action) ? IMAGES[message.action] : undefined;
  if (construct === undefined || message.id === '') return undefined;
  // The id is a digest for most actions, and a reference where an image was pulled.
  const digest = message.id.startsWith('sha256:') ? message.id : undefined;
  const reference = message.attributes.name ?? message.id;
  return construct({ ...origin(message, scene), reference, digest, operation: message.action });
}

const NETWORKS: Readonly<Record<string, typeof networkCreate>> = {
  connect: networkConnect,
  disconnect: networkDisconnect,
  create: networkCreate,
  destroy: networkDestroy,
  // Swarm's word for the same.
  remove: networkDestroy,
};

export function networkEvent({ message }: Reading, scene: Scene): AuditEvent | undefined {
  const construct = Object.hasOwn(NETWORKS, message.action) ? NETWORKS[message.action] : undefined;
  if (construct === undefined || message.id === '') return undefined;
  const { data, ...about } = origin(message, scene);
  const { name, type, container } = message.attributes;
  return construct({
    ...about,
    network: name ?? message.id,
    driver: type,
    container: refTo(container, scene),
    data: { ...data, networkId: message.id },
  });
}

const VOLUMES: Readonly<Record<string, typeof volumeCreate>> = {
  create: volumeCreate,
  mount: volumeMount,
  destroy: volumeDestroy,
  remove: volumeDestroy,
};

export function volumeEvent({ message }: Reading, scene: Scene): AuditEvent | undefined {
  const construct = Object.hasOwn(VOLUMES, message.action) ? VOLUMES[message.action] : undefined;
  if (construct === undefined || message.id === '') return undefined;
  const { data, ...about } = origin(message, scene);
  const { driver, destination, container, 'read/write': writable } = message.attributes;
  return construct({
    ...about,
    volume: message.id,
    driver,
    destination,
    container: refTo(container, scene),
    data: { ...data, ...(writable !== undefined && { readOnly: writable !== 'true' }) },
  });
}

function origin(message: EngineMessage, { engine }: Scene) {
  const { timeNano } = message;
  return provenance({ engine, seenBy: 'event', timeNano, key: messageKey(message) });
}

function refTo(id: string | undefined, { inventory }: Scene): ContainerRef | undefined {
  if (id === undefined || id === '') return undefined;
  const known = inventory.get(id);
  return known === undefined ? { id } : containerRef(known);
}
