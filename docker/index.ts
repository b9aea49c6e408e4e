export { type Attachment, attachContainer } from './attach-container.ts';
export { BuildError, type BuildFailure } from './build-error.ts';
export { buildImage, type BuildUlimit, type ImageBuild } from './build-image.ts';
export type { BuildLogPiece } from './build-log.ts';
export type { Engine } from './call-engine.ts';
export {
  API_VERSION_MAX,
  API_VERSION_MIN,
  connectEngine,
  engineComponents,
  type EngineInfo,
  engineInfo,
} from './connect-engine.ts';
export {
  type ContainerFilter,
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
export { type DoubtedEngine, watchEngine } from './doubted-engine.ts';
export { EngineError, type EngineErrorCode, isRefusal } from './engine-error.ts';
export { isEngineFailure, saysNoRoom, tellsOfNoRoom } from './engine-room.ts';
export { loadImage, saveImage } from './image-archive.ts';
export { importImage, pullImage, removeImage, tagImage } from './images.ts';
export {
  type ImageFilter,
  type ImageState,
  inspectImage,
  type ListedImage,
  listImages,
} from './inspect-image.ts';
export { ensureIsolatedBridge } from './networks.ts';
export { type ContextFile, packContext } from './pack-context.ts';
export { plainContainer } from './plain-container.ts';
export { importEmptyImage, tryContainer } from './try-container.ts';
