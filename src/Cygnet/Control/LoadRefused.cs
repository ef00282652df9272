// Why a load-conn was refused; never leaves LoadConn.
namespace Cygnet.Control;

/// <summary>Carries the errmsg from the depth of the sections to the reply.</summary>
sealed class LoadRefused(string errmsg) : Exception(errmsg);
