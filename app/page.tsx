export default function Page() {
  return <main>Latchkey</main>;
}
