// A setting of ipsec.conf with the place where it stands.
namespace Cygnet.Config;

/// <summary>One <c>key=value</c>. A null value stands for <c>key=</c>: back to the built-in default.</summary>
public sealed record ConfSetting(string Key, string? Value, Position At, Position ValueAt);
