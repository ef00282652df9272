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

    /// <summary>All of it in one line.</summary>
    public string Census
    {
        get
        {
            lock (_control) return $"{_inbound.Count} inbound and {_outbound.Count} outbound SAs, {_reserved.Count} SPIs, {_cpis.Count} CPIs, {_policies.Count} policies";
        }
    }

    /// <summary>Whether nothing is left: no SA, no reserved SPI or CPI, no policy.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_control) return _inbound.IsEmpty && _outbound.Count == 0 && _reserved.Count == 0 && _cpis.Count == 0 && _policies.Count == 0;
        }
    }
}
