// A user of this host: passwd(5), group(5).
namespace Cygnet.Linux;

/// <summary>The name, or the number where there is no name; the first group, null if none is known; and every group, with the first one.</summary>
public sealed record Account(string Name, uint User, uint? Group, uint[] Groups);
