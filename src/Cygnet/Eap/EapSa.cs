// What an authentication server behind us is told of the IKE_SA. RFC 2865 5.4, 5.5, 5.30, 5.31; RFC 2869 5.17.
using Cygnet.Policy;

namespace Cygnet.Eap;

/// <summary>The IKE_SA for which a conversation is held: its number, the connection, and both ends as they are now.</summary>
public sealed record EapSa(int UniqueId, string Name, Endpoint Local, Endpoint Remote);
