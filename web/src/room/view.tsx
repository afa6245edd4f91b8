export function Room({ id }: { id: string }) {
  return <main class="room" data-show={id} />;
}
