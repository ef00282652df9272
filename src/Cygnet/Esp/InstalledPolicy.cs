// A policy of the SPD with its references. RFC 4301 4.4.1.
namespace Cygnet.Esp;

sealed class InstalledPolicy(PolicyParameters parameters, ReqidSas sas, long serial)
{
    public PolicyParameters Parameters { get; } = parameters;
    public ReqidSas Sas { get; } = sas;

    /// <summary>Grows with each installation: of two equal ones the newer rules.</summary>
    public long Serial { get; } = serial;

    /// <summary>Only the control side counts.</summary>
    public int References { get; set; } = 1;

    public bool Passes => Parameters.Mode == Policy.ChildMode.Pass;

    public bool Drops => Parameters.Mode == Policy.ChildMode.Drop;
}
