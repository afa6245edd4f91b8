declare module 'hls.js/light' {
  const Hls: unknown;
  export default Hls;
}
