export { type Attachment, attachContainer } from './attach-container.ts';
export { buildImage, type ImageBuild } from './build-image.ts';
export type { Engine } from './call-engine.ts';
export {
  API_VERSION_MAX,
  API_VERSION_MIN,
  connectEngine,
  type EngineInfo,
  engineInfo,
} from './connect-engine.ts';
export {
  type ContainerState,
  createContainer,
  inspectContainer,
  killContainer,
  type ListedContainer,
  listContainers,
  removeContainer,
  startContainer,
  waitContainer,
} from './containers.ts';
export type { CreateRequest, HostConfig } from './create-request.ts';
export type { OutputPiece } from './demultiplex.ts';
export { DEFAULT_DOCKER_HOST, type EngineAddress, parseDockerHost, showAddress } from './engine-address.ts';
export { EngineError, type EngineErrorCode, isRefusal } from './engine-error.ts';
export { type ImageState, importImage, inspectImage, pullImage, removeImage, tagImage } from './images.ts';
export { ensureIsolatedBridge } from './networks.ts';
export { type ContextFile, packContext } from './pack-context.ts';
