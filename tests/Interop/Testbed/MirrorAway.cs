// Debian's packages cannot be fetched: nobody's fault but the network's.
namespace Cygnet.Interop.Testbed;

/// <summary>The mirror of this machine's apt does not give what is asked of it.</summary>
public sealed class MirrorAway(string what) : Exception($"the package mirror of this machine's apt cannot be reached: {what}");
