// What the engine holds, for status and for tests that look for leaks.
namespace Cygnet.Esp;

public sealed partial class EspEngine
{
    /// <summary>SAs installed now, each direction counted.</summary>
    public int SaCount
    {
        get
        {
            lock (_control) return _inbound.Count + _outbound.Count;
        }
    }

    /// <summary>Whether nothing is left: no SA, no reserved SPI, no policy.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_control) return _inbound.IsEmpty && _outbound.Count == 0 && _reserved.Count == 0 && _policies.Count == 0;
        }
    }
}
