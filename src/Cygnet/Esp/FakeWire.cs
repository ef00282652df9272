// The in-memory link that tests and the simulator put between fake data planes.
namespace Cygnet.Esp;

/// <summary>Takes one ESP packet (starting with its SPI) that left a <see cref="FakeDataPlane"/>, with its outer endpoints. The bytes are the receiver's.</summary>
public delegate void FakeWire(EspPath path, byte[] esp);
