import { Icon } from "@/app/_components/ui/icon";
import "./story.css";

const REPLAY = "replay-story";

/**
 * The product in two small windows: a device is signed out in one, and leaves the other. It moves by style sheets alone. Where
 * motion is not wanted, it is a picture of the end.
 */
export function Story() {
  return (
    <figure className="story">
      <figcaption className="sr-only">
        On the laptop, “iPhone left in a taxi” is signed out. At once the phone shows: “This device was signed
        out from Chrome on macOS.” The laptop shows: “Confirmed after 0.1 s.”
      </figcaption>
      <input type="checkbox" id={REPLAY} className="story-replay-state sr-only" />
      <div aria-hidden="true" className="story-stage">
        <div className="story-window story-laptop">
          <p className="story-bar">
            <Icon name="monitor" /> Your laptop
          </p>
          <div className="story-row story-here">
            <span className="story-icon">
              <Icon name="monitor" />
            </span>
            <span>
              <b>Chrome on macOS</b>
              <small>This device</small>
            </span>
          </div>
          <div className="story-row story-taxi">
            <span className="story-icon">
              <Icon name="smartphone" />
            </span>
            <span>
              <b>iPhone left in a taxi</b>
              <span className="story-swap">
                <small className="story-before">Porto, PT · Active now</small>
                <small className="story-after story-confirmed">
                  <Icon name="check" /> Confirmed after 0.1 s.
                </small>
              </span>
            </span>
            <span className="story-button">Sign out</span>
          </div>
        </div>
        <div className="story-window story-phone">
          <p className="story-bar">
            <Icon name="smartphone" /> The iPhone
          </p>
          <div className="story-swap">
            <div className="story-before story-app">
              <b>Your account</b>
              <i />
              <i />
              <i />
              <i />
            </div>
            <div className="story-after story-out">
              <b>Sign in</b>
              <small>This device was signed out from Chrome on macOS, just now.</small>
            </div>
          </div>
        </div>
      </div>
      <label htmlFor={REPLAY} className="story-replay">
        <Icon name="rotate-ccw" />
        Replay
      </label>
    </figure>
  );
}
